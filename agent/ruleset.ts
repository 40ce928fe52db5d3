/**
 * The table `port25`: the whole of what an agent loads into the kernel, as text for `nft -f`. The rules are constant; only
 * the elements of the sets change afterwards (`ruleset-elements.ts`). Source: `docs/decisions/0031-the-ruleset.md`.
 *
 * What it holds, whatever else is on the machine: a TCP segment to port 25, or an IPv6 fragment that may be a part of one,
 * that comes in from a customer's side leaves only when its source address is in the sets. There is no rule about
 * connections anywhere: every packet is judged, so taking an address out ends its live sessions.
 */

/** Routed: the machine forwards customers' packets. Bridged: it only hands on their frames. */
export type Family = "inet" | "bridge";

/** Which addresses may come from a port of a bridge; addresses or networks, in canonical form. */
export interface Binding {
	readonly interface: string;
	readonly addresses: readonly string[];
}

export interface RulesetOptions {
	readonly family: Family;
	/** Where customers' traffic comes in: names, or prefixes of names as `tap*`. They need not exist yet. */
	readonly customerInterfaces: readonly string[];
	/**
	 * `reject` answers a TCP reset. `drop` is silent; a connection attempt that was dropped succeeds about a second after
	 * the approval, when it is repeated. In the family `bridge`, `reject` needs the kernel's `nft_reject_bridge`.
	 */
	readonly refusal: "reject" | "drop";
	/**
	 * Bridged only: a source that is not bound to its port is dropped, on ports that are not listed every source is. Left
	 * out, a bridge does not notice when a neighbour uses an approved address (routed mode asks the routing table).
	 */
	readonly bindings?: readonly Binding[];
}

export const tableName = "port25";

/** Sets of elements; `applied` holds the stamp. Names are what is seen in `nft list ruleset`. */
export const hostSets = ["a4", "a6", "a6_64"] as const;
export const networkSets = ["n4", "n6"] as const;
export const stampSet = "applied";

/**
 * What is counted is counted by an element of a set, by EtherType. `list counters` makes nft read every element of the
 * table (1 s at 200,000), `list set count_allowed` reads two.
 */
export const countSets = {
	allowed: "count_allowed",
	refused: "count_refused",
	spoofed: "count_spoofed",
	fragments: "count_fragments",
} as const;

/** The table with empty sets, replacing whatever stood under its name, in one transaction. Refuses bad options. */
export function rulesetText(options: RulesetOptions): string {
	return `${removeText(options.family)}table ${options.family} ${tableName} {
${setsText(options)}${entryText(options)}	chain customer {
${options.family === "bridge" ? `		meta protocol { ${wrappings} } jump unreadable\n` : ""}		exthdr frag exists jump fragment
		tcp dport 25 jump decide
	}
	chain fragment {
		meta l4proto { ${protocolsThatAreNotTcp.join(", ")} } return
${sourceCheckText(options)}		ip6 saddr @a6 return
		ip6 saddr & ffff:ffff:ffff:ffff:: @a6_64 return
		ip6 saddr @n6 return
		jump unreadable
	}
	chain decide {
${sourceCheckText(options)}		ip saddr @a4 goto allow
		ip6 saddr @a6 goto allow
		ip6 saddr & ffff:ffff:ffff:ffff:: @a6_64 goto allow
		ip saddr @n4 goto allow
		ip6 saddr @n6 goto allow
		meta protocol @${countSets.refused}
		${options.refusal === "reject" ? "reject with tcp reset" : "drop"}
	}
	chain allow {
		meta protocol @${countSets.allowed}
	}
	chain spoofed {
		meta protocol @${countSets.spoofed}
		drop
	}
	chain unreadable {
		meta protocol @${countSets.fragments}
		drop
	}
}
`;
}

/**
 * The gate that is loaded first at boot, under the same name, so that the full table takes its place in one transaction:
 * nothing from customers to port 25, both families. It has no set, needs no routing table and nothing that a kernel could
 * lack, because a file with one bad line loads nothing and leaves the edge open.
 */
export function closedGateText(
	options: Pick<RulesetOptions, "family" | "customerInterfaces">,
): string {
	return `${removeText(options.family)}table ${options.family} ${tableName} {
${entryText(options)}	chain customer {
${options.family === "bridge" ? `		meta protocol { ${wrappings} } drop\n` : ""}		tcp dport 25 drop
		exthdr frag exists jump fragment
	}
	chain fragment {
		meta l4proto { ${protocolsThatAreNotTcp.join(", ")} } return
		drop
	}
}
`;
}

/** Takes the table away, and is no error when there is none: `add` makes the `delete` succeed. */
export function removeText(family: Family): string {
	return `add table ${family} ${tableName}
delete table ${family} ${tableName}
`;
}

/** EtherTypes behind which a bridge hands on a packet unread: a tag behind the tag that the kernel takes off, PPPoE. */
const wrappings = "8021q, 8021ad, 0x8864";

/**
 * IPv4 in IPv4 (4), UDP, IPv6 in IPv6 (41), GRE, ESP, ICMPv6, SCTP. A fragment is let go when it says one of these; one
 * that says TCP, an extension header, or nothing that can be read may be the rest of a segment whose port is out of sight.
 * Only the first fragment's word counts when they are put together (RFC 8200, section 4.5), and that one has to pass here
 * too. A rule that dropped `!= udp` would miss: where the kernel finds no protocol, no comparison holds.
 */
const protocolsThatAreNotTcp = [4, 17, 41, 47, 50, 58, 132];

function setsText({ family, bindings }: RulesetOptions): string {
	const counts = Object.values(countSets).map((name) => {
		// A bridge also counts what hides its packet behind a second tag or PPPoE.
		const hidden =
			family === "bridge" && name === countSets.fragments
				? `, ${wrappings}`
				: "";
		return `	set ${name} { type ether_type; counter; elements = { ip, ip6${hidden} }; }\n`;
	});
	return `	set a4 { type ipv4_addr; }
	set a6 { type ipv6_addr; }
	set a6_64 { type ipv6_addr; }
	set n4 { type ipv4_addr; flags interval; }
	set n6 { type ipv6_addr; flags interval; }
	set ${stampSet} { type mark; }
${counts.join("")}${bindings === undefined ? "" : bindingSetsText(bindings)}`;
}

/**
 * The hook. Routed: forwarding, just before other tables' filters. Bridged: as a frame comes in, because there a reset can
 * still be answered, and because what the machine itself routes for its guests then passes here as well.
 */
function entryText({
	family,
	customerInterfaces,
}: Pick<RulesetOptions, "family" | "customerInterfaces">): string {
	if (customerInterfaces.length === 0)
		throw new RangeError("name at least one customer-side interface");
	const hook =
		family === "inet"
			? "hook forward priority filter - 10"
			: "hook prerouting priority filter";
	const jumps = customerInterfaces.map(
		(name) => `		iifname "${interfaceName(name)}" jump customer\n`,
	);
	return `	chain entry {
		type filter ${hook}; policy accept;
${jumps.join("")}	}
`;
}

/** That the source may come from there: by the routing table, or on a bridge, which has none, by configuration. */
function sourceCheckText({ family, bindings }: RulesetOptions): string {
	if (family === "inet")
		return "		fib saddr . iif oif missing jump spoofed\n";
	if (bindings === undefined) return "";
	return `		iifname . ip saddr != @bound4 jump spoofed
		iifname . ip6 saddr != @bound6 jump spoofed
`;
}

function bindingSetsText(bindings: readonly Binding[]): string {
	const pairs = bindings.flatMap((binding) => {
		const name = interfaceName(binding.interface);
		if (name.endsWith("*"))
			throw new RangeError(`a binding names one interface, not "${name}"`);
		return [...new Set(binding.addresses)].map((address) => ({
			isV6: address.includes(":"),
			text: `"${name}" . ${addressText(address)}`,
		}));
	});
	const elements = (isV6: boolean) => {
		const own = pairs.filter((pair) => pair.isV6 === isV6);
		return own.length === 0
			? ""
			: ` elements = {\n${own.map((pair) => pair.text).join(",\n")}\n};`;
	};
	return `	set bound4 { type ifname . ipv4_addr; flags interval;${elements(false)} }
	set bound6 { type ifname . ipv6_addr; flags interval;${elements(true)} }
`;
}

/** An interface's name as Linux allows it, less what would end the quotes. */
function interfaceName(name: string): string {
	if (!/^[A-Za-z0-9._:@-]{1,15}\*?$/.test(name) || name.length > 15)
		throw new RangeError(`not the name of an interface: "${name}"`);
	return name;
}

/** The last guard before text becomes a command: nothing but an address or a network in its canonical form. */
export function addressText(element: string): string {
	if (!/^([0-9.]{7,15}|[0-9a-f:]{2,39})(\/\d{1,3})?$/.test(element))
		throw new RangeError(`not an address: "${element.slice(0, 64)}"`);
	return element;
}
