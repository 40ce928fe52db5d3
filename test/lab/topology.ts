/**
 * Two small worlds for the gate. All addresses are of the ranges for documentation (RFC 5737, RFC 3849) and benchmarks
 * (RFC 2544), and exist in the lab's namespaces only.
 *
 *   routed:   one ── c1 ┐                         bridged:  one ── tap1 ┐
 *             two ── c2 ├ edge ── uplink ── internet             two ── tap2 ├ edge (br0) ── uplink ── internet
 *         crafted ══ c3 ┘  └ mgmt ── desk                crafted ══ tap3 ┘
 *
 * `crafted` is a customer that sends whatever frames a test has built: its line to the edge is a VXLAN, whose other end is
 * a UDP socket. `desk` is where the control plane stands.
 */
import { type Namespace, openNamespace } from "./namespace.ts";
import type { Outcome, Route } from "./resident-commands.ts";

export interface Lab {
	readonly one: Namespace;
	readonly two: Namespace;
	readonly crafted: Namespace;
	readonly edge: Namespace;
	readonly internet: Namespace;
	readonly desk: Namespace;
	close(): Promise<void>;
}

/** Addresses. Each customer has two of each family in one network, so that a neighbour of an address can be tried. */
export const at = {
	internet: { v4: "203.0.113.25", v6: "2001:db8:ffff::25" },
	one: {
		v4: "192.0.2.2",
		v4Next: "192.0.2.3",
		v6: "2001:db8:1:1::2",
		v6Next: "2001:db8:1:1::3",
	},
	two: {
		v4: "192.0.2.18",
		v4Next: "192.0.2.19",
		v6: "2001:db8:1:2::2",
		v6Next: "2001:db8:1:2::3",
	},
	crafted: { v4: "192.0.2.34", v6: "2001:db8:1:3::2" },
	/** Of the crafted customer as well: asks for nothing forbidden, so its answer says that all before it was judged. */
	marker: { v4: "192.0.2.36", v6: "2001:db8:1:3::f" },
	desk: "198.18.0.2",
	edgeToDesk: "198.18.0.1",
} as const;

/** MAC addresses that crafted frames have to know. */
export const mac = {
	crafted: "02:00:00:00:03:02",
	marker: "02:00:00:00:03:0f",
	edge: "02:00:00:00:03:01",
	internet: "02:00:00:00:ff:25",
} as const;

/** TCP ports on which the internet talks SMTP to whoever comes through. */
export const openPorts = [80, 465, 587, 2525] as const;

const names = ["one", "two", "crafted", "edge", "internet", "desk"] as const;

/** Opens the namespaces and lays the lines; what fails half-way leaves nothing behind. */
async function open(lay: (lab: Lab) => void): Promise<Lab> {
	const lab = await openAll();
	try {
		lay(lab);
		await serveEverywhere(lab);
		return lab;
	} catch (error) {
		await lab.close();
		throw error;
	}
}

async function openAll(): Promise<Lab> {
	const opened = await Promise.allSettled(names.map(openNamespace));
	const spaces = opened.flatMap((one) =>
		one.status === "fulfilled" ? [one.value] : [],
	);
	const close = async () => {
		await Promise.all(spaces.map((space) => space.close()));
	};
	const find = (name: (typeof names)[number]) => {
		const space = spaces.find((one) => one.name === name);
		if (space === undefined) throw new Error(`no namespace ${name}`);
		return space;
	};
	const failed = opened.find((one) => one.status === "rejected");
	if (failed !== undefined) {
		await close();
		throw failed.reason;
	}
	return {
		one: find("one"),
		two: find("two"),
		crafted: find("crafted"),
		edge: find("edge"),
		internet: find("internet"),
		desk: find("desk"),
		close,
	};
}

/** A router with customers on interfaces of their own: c1, c2, c3. Everything is forwarded until a ruleset is loaded. */
export function openRoutedLab(): Promise<Lab> {
	return open(layRouted);
}

function layRouted(lab: Lab): void {
	const { edge, one, two, internet } = lab;
	edge.ip(`${link("c1", one)}${link("c2", two)}${link("uplink", internet)}`);
	layTunnel(lab, "c3");
	layDesk(lab);
	edge.ip(`address add 192.0.2.1/28 dev c1
address add 2001:db8:1:1::1/64 dev c1 nodad
address add 192.0.2.17/28 dev c2
address add 2001:db8:1:2::1/64 dev c2 nodad
link set c3 address ${mac.edge}
address add 192.0.2.33/28 dev c3
address add 2001:db8:1:3::1/64 dev c3 nodad
address add 203.0.113.1/24 dev uplink
address add 2001:db8:ffff::1/64 dev uplink nodad
link set c1 up
link set c2 up
link set c3 up
link set uplink up
${craftedNeighbours("c3")}`);
	edge.sysctl({
		"ipv4/ip_forward": "1",
		"ipv6/conf/all/forwarding": "1",
		"ipv4/conf/all/rp_filter": "0",
		"ipv4/conf/default/rp_filter": "0",
	});
	one.ip(host("28", { ...at.one, via4: "192.0.2.1", via6: "2001:db8:1:1::1" }));
	two.ip(
		host("28", { ...at.two, via4: "192.0.2.17", via6: "2001:db8:1:2::1" }),
	);
	internet.ip(`address add ${at.internet.v4}/24 dev eth0
address add ${at.internet.v6}/64 dev eth0 nodad
link set eth0 up
route add default via 203.0.113.1
route add ::/0 via 2001:db8:ffff::1
`);
}

/** A hypervisor whose bridge has its guests' ports tap1, tap2, tap3; `bridge-nf-call-iptables` is 0, as is usual. */
export function openBridgedLab(): Promise<Lab> {
	return open(layBridged);
}

function layBridged(lab: Lab): void {
	const { edge, one, two, internet } = lab;
	edge.ip(
		`${link("tap1", one)}${link("tap2", two)}${link("uplink", internet)}link add br0 type bridge\n`,
	);
	layTunnel(lab, "tap3");
	layDesk(lab);
	const ports = ["tap1", "tap2", "tap3", "uplink"].map(
		(port) => `link set ${port} master br0\nlink set ${port} up\n`,
	);
	edge.ip(`${ports.join("")}link set br0 up\n`);
	setBridgeFilter(edge, "0");
	const via4 = "192.0.2.254";
	const via6 = "2001:db8:1::254";
	one.ip(host("24", { ...at.one, via4, via6 }, "48"));
	two.ip(host("24", { ...at.two, via4, via6 }, "48"));
	internet.ip(`link set eth0 address ${mac.internet}
address add ${via4}/24 dev eth0
address add ${via6}/48 dev eth0 nodad
address add ${at.internet.v4}/32 dev lo
address add ${at.internet.v6}/128 dev lo
link set eth0 up
${craftedNeighbours("eth0")}`);
}

/** Whether bridged frames pass as if they were routed, where the kernel has that; false where it has not. */
export function setBridgeFilter(edge: Namespace, value: "0" | "1"): boolean {
	const nf = edge.attempt(["ls", "/proc/sys/net/bridge"]).stdout.split("\n");
	const keys = ["bridge-nf-call-iptables", "bridge-nf-call-ip6tables"];
	const found = keys.filter((key) => nf.includes(key));
	for (const key of found) edge.sysctl({ [`bridge/${key}`]: value });
	return found.length > 0;
}

/** One end in the edge, the other, eth0, in another namespace. */
function link(name: string, other: Namespace): string {
	return `link add ${name} type veth peer name eth0 netns ${other.pid}\n`;
}

/** Nobody answers for a crafted customer when its neighbours ask. */
function craftedNeighbours(device: string): string {
	return (["crafted", "marker"] as const)
		.flatMap((who) => [at[who].v4, at[who].v6].map((one) => [one, mac[who]]))
		.map(
			([one, address]) =>
				`neighbour add ${one} lladdr ${address} dev ${device}\n`,
		)
		.join("");
}

function host(
	bits: string,
	own: {
		v4: string;
		v4Next: string;
		v6: string;
		v6Next: string;
		via4: string;
		via6: string;
	},
	bits6 = "64",
): string {
	return `address add ${own.v4}/${bits} dev eth0
address add ${own.v4Next}/${bits} dev eth0
address add ${own.v6}/${bits6} dev eth0 nodad
address add ${own.v6Next}/${bits6} dev eth0 nodad
link set eth0 up
route add default via ${own.via4}
route add ::/0 via ${own.via6}
`;
}

function layTunnel({ edge, crafted }: Lab, name: string): void {
	edge.ip(`link add under type veth peer name eth0 netns ${crafted.pid}
address add 198.18.3.1/30 dev under
link set under up
`);
	crafted.ip(`address add 198.18.3.2/30 dev eth0
link set eth0 up
`);
	edge.ip(`link add ${name} type vxlan id 1 dstport 4789 local 198.18.3.1 remote 198.18.3.2 dev under nolearning
`);
}

function layDesk({ edge, desk }: Lab): void {
	edge.ip(`link add mgmt type veth peer name eth0 netns ${desk.pid}
address add ${at.edgeToDesk}/30 dev mgmt
link set mgmt up
`);
	desk.ip(`address add ${at.desk}/30 dev eth0
link set eth0 up
`);
}

async function serveEverywhere({ internet, one, two, crafted }: Lab) {
	await crafted.ask("tunnel", { address: "198.18.3.2", peer: "198.18.3.1" });
	for (const space of [internet, one, two]) {
		const ports = space === internet ? [25, ...openPorts] : [25];
		for (const port of ports) await space.ask("serve", { address: "::", port });
	}
}

/** A route from a customer to the internet's SMTP server, or to another port of it. */
export function outbound(from: string, port = 25): Route {
	return {
		from,
		to: from.includes(":") ? at.internet.v6 : at.internet.v4,
		port,
	};
}

/** Attempts in parallel, answers in order. */
export function tryAll(
	space: Namespace,
	routes: readonly Route[],
	timeoutMs = 400,
): Promise<Outcome[]> {
	return Promise.all(
		routes.map((route) => space.ask("connect", { ...route, timeoutMs })),
	);
}
