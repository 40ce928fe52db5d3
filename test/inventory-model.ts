/** What must be true of a small provider after each thing that happens to it: the rules of product.md, without a database. */
import type { ServiceStatus } from "../server/domain/inventory/service.ts";

export interface ModelService {
	readonly client: number;
	status: ServiceStatus;
	ended: boolean;
	/** In the order in which they came. */
	addresses: string[];
	primaryIp: string | null;
}

export interface ModelEntry {
	readonly state: "active" | "suspended";
	/** Whether a restore suspended it. */
	readonly isAwaiting: boolean;
	/** Whether nobody had asked for it. */
	readonly isByHand: boolean;
}

/** A change as the billing system sends it. */
export interface Change {
	readonly service: number;
	readonly status?: ServiceStatus;
	readonly addresses?: readonly string[];
}

const endsAll: readonly ServiceStatus[] = [
	"suspended",
	"terminated",
	"cancelled",
	"expired",
	"fraud",
];

const opened: ModelEntry = {
	state: "active",
	isAwaiting: false,
	isByHand: false,
};

export class Model {
	readonly services: ModelService[];
	readonly isActive: boolean[];
	readonly pending = new Set<string>();
	/** On the allow-list, suspended or not. */
	readonly open = new Map<string, ModelEntry>();

	constructor(services: readonly { client: number; addresses: string[] }[]) {
		this.services = services.map(({ client, addresses }) => ({
			client,
			status: "active",
			ended: false,
			addresses: [...addresses],
			primaryIp: addresses[0] ?? null,
		}));
		this.isActive = [...new Set(services.map((one) => one.client))].map(
			() => true,
		);
	}

	/** False when it is refused. */
	put({ service: n, status, addresses }: Change): boolean {
		const service = this.services[n]!;
		const after = status ?? service.status;
		const ended = service.ended && after === "terminated";
		const wanted = addresses ?? service.addresses;
		if (ended && wanted.length > 0) return false;
		if (!endsAll.includes(service.status) && endsAll.includes(after))
			this.#endAll(service.addresses);
		service.status = after;
		service.ended = ended;
		this.#endAll(service.addresses.filter((one) => !wanted.includes(one)));
		for (const [i, other] of this.services.entries())
			if (i !== n) this.#take(other, wanted);
		service.addresses = [...wanted];
		if (service.primaryIp === null || !wanted.includes(service.primaryIp))
			service.primaryIp = inOrder(wanted, addresses !== undefined)[0] ?? null;
		return true;
	}

	end(n: number): void {
		const service = this.services[n]!;
		this.#endAll(service.addresses);
		service.status = "terminated";
		service.ended = true;
		service.addresses = [];
		service.primaryIp = null;
	}

	setActive(client: number, isActive: boolean): void {
		this.isActive[client] = isActive;
		if (isActive) return;
		for (const service of this.services)
			if (service.client === client) this.#endAll(service.addresses);
	}

	/** The first client is approved at once, others wait for a reviewer. */
	submit(address: string): boolean {
		if (!this.#isFree(address)) return false;
		if (this.services[this.holderOf(address)]!.client === 0)
			this.open.set(address, opened);
		else this.pending.add(address);
		return true;
	}

	approve(address: string): boolean {
		if (!this.pending.has(address) || !this.#isReadyAt(address)) return false;
		this.pending.delete(address);
		this.open.set(address, opened);
		return true;
	}

	/** Takes an approval back. */
	reopen(address: string): boolean {
		const entry = this.open.get(address);
		if (entry === undefined || entry.isByHand || !this.#isReadyAt(address))
			return false;
		this.open.delete(address);
		this.pending.add(address);
		return true;
	}

	/** A reviewer opens what nobody asked for. */
	add(address: string): boolean {
		if (!this.#isFree(address)) return false;
		this.open.set(address, { ...opened, isByHand: true });
		return true;
	}

	suspend(address: string): boolean {
		return this.#move(address, { from: "active", to: "suspended" });
	}

	resume(address: string): boolean {
		return (
			this.#isReadyAt(address) &&
			this.#move(address, { from: "suspended", to: "active" })
		);
	}

	/** What a restore does to the state of the backup: everything is closed until it is confirmed. */
	closeAll(): void {
		for (const [address, entry] of this.open)
			if (entry.state === "active")
				this.open.set(address, {
					...entry,
					state: "suspended",
					isAwaiting: true,
				});
	}

	/** Resumes what a restore closed, as far as it may be open; says how many that were. */
	confirm(): number {
		const waiting = [...this.open.keys()].filter(
			(address) =>
				this.open.get(address)!.isAwaiting && this.#isReadyAt(address),
		);
		for (const address of waiting) this.resume(address);
		return waiting.length;
	}

	/** The same provider at this moment, to go back to. */
	copy(): Model {
		const copy = new Model([]);
		for (const service of this.services)
			copy.services.push({ ...service, addresses: [...service.addresses] });
		copy.isActive.push(...this.isActive);
		for (const address of this.pending) copy.pending.add(address);
		for (const [address, entry] of this.open) copy.open.set(address, entry);
		return copy;
	}

	/** Whether anything may be granted on the service now. */
	isReady(n: number): boolean {
		const { client, status, ended } = this.services[n]!;
		return this.isActive[client] === true && status === "active" && !ended;
	}

	holderOf(address: string): number {
		return this.services.findIndex((one) => one.addresses.includes(address));
	}

	/** Whether it may be asked for, or opened by hand, now. */
	#isFree(address: string): boolean {
		return (
			this.#isReadyAt(address) &&
			!this.pending.has(address) &&
			!this.open.has(address)
		);
	}

	#isReadyAt(address: string): boolean {
		const holder = this.holderOf(address);
		return holder !== -1 && this.isReady(holder);
	}

	#move(
		address: string,
		{ from, to }: Record<"from" | "to", ModelEntry["state"]>,
	): boolean {
		const entry = this.open.get(address);
		if (entry?.state !== from) return false;
		this.open.set(address, { ...entry, state: to, isAwaiting: false });
		return true;
	}

	#take(other: ModelService, wanted: readonly string[]): void {
		const lost = other.addresses.filter((one) => wanted.includes(one));
		this.#endAll(lost);
		other.addresses = other.addresses.filter((one) => !lost.includes(one));
		if (other.primaryIp !== null && lost.includes(other.primaryIp))
			other.primaryIp = inOrder(other.addresses, false)[0] ?? null;
	}

	#endAll(addresses: readonly string[]): void {
		for (const address of addresses) {
			this.pending.delete(address);
			this.open.delete(address);
		}
	}
}

/** As they were sent, or IPv4 before IPv6 and then by their texts. */
function inOrder(addresses: readonly string[], asSent: boolean): string[] {
	if (asSent) return [...addresses];
	const isSix = (text: string) => Number(text.includes(":"));
	return addresses.toSorted((a, b) => isSix(a) - isSix(b) || (a < b ? -1 : 1));
}
