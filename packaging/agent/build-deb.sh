#!/bin/sh
# Makes postern-agent_VERSION_all.deb in dist/, or in another folder, of dist/postern-agent.mjs (`npm run build:agent`), or of
# another bundle, and of what stands beside this: build-deb.sh [FOLDER [BUNDLE]]
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
program="${2:-$root/dist/postern-agent.mjs}"
[ -f "$program" ] || { echo "run npm run build:agent first" >&2; exit 1; }
version=$(sed -n 's/^export const version = "\(.*\)";$/\1/p' "$root/agent/version.ts")
deb="${1:-$root/dist}/postern-agent_${version}_all.deb"

tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT
chmod 0755 "$tree"
put() { install -D -m "$1" "$2" "$tree/$3"; }
put 0755 "$program" usr/lib/postern-agent/postern-agent.mjs
install -d "$tree/usr/bin"
ln -s ../lib/postern-agent/postern-agent.mjs "$tree/usr/bin/postern-agent"
for unit in postern-agent-gate postern-agent postern-agent-canary; do
	put 0644 "$here/$unit.service" "usr/lib/systemd/system/$unit.service"
done
put 0644 "$here/postern-agent.sysusers.conf" usr/lib/sysusers.d/postern-agent.conf
put 0644 "$here/agent.conf" etc/postern-agent/agent.conf
put 0644 "$root/docs/operations.md" usr/share/doc/postern-agent/operations.md
put 0644 "$root/LICENSE" usr/share/doc/postern-agent/copyright

put 0644 /dev/stdin DEBIAN/control <<EOF
Package: postern-agent
Version: $version
Architecture: all
Maintainer: The operators of this Postern <root@localhost>
Depends: nodejs (>= 20), nftables (>= 1.0), iproute2, util-linux, systemd (>= 250)
Section: net
Priority: optional
Description: opens port 25 for the addresses that Postern has approved
 Follows the allow-list of Postern, and lets exactly what is on it through to
 TCP port 25, by a table of its own in nftables or by a list in a file.
EOF
put 0644 /dev/stdin DEBIAN/conffiles <<EOF
/etc/postern-agent/agent.conf
EOF
# An upgrade restarts the agent; what stands in the kernel stays meanwhile. Nothing is started before it is configured.
put 0755 /dev/stdin DEBIAN/postinst <<'EOF'
#!/bin/sh
set -e
[ "$1" = configure ] || exit 0
systemd-sysusers postern-agent.conf || true
if [ -d /run/systemd/system ]; then
	systemctl daemon-reload
	systemctl try-restart postern-agent.service postern-agent-canary.service
fi
EOF
# What the agent opened stays open, and what it closed closed, until the table is deleted by hand or the machine boots.
put 0755 /dev/stdin DEBIAN/prerm <<'EOF'
#!/bin/sh
set -e
[ "$1" = remove ] || exit 0
[ -d /run/systemd/system ] || exit 0
systemctl disable --now postern-agent-canary.service postern-agent.service postern-agent-gate.service
EOF
put 0755 /dev/stdin DEBIAN/postrm <<'EOF'
#!/bin/sh
set -e
[ ! -d /run/systemd/system ] || systemctl daemon-reload
[ "$1" != purge ] || rm -rf /var/lib/postern-agent /etc/postern-agent/closed-gate.nft /etc/postern-agent/key
EOF
dpkg-deb --root-owner-group --build "$tree" "$deb"
