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

export class Model {
	readonly services: ModelService[];
	readonly isActive: boolean[];
	readonly pending = new Set<string>();
	/** On the allow-list, suspended or not. */
	readonly open = new Map<string, "active" | "suspended">();

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

	/** Whether a customer may ask for the address now. */
	maySubmit(n: number, address: string): boolean {
		return (
			this.isReady(n) &&
			this.services[n]!.addresses.includes(address) &&
			!this.pending.has(address) &&
			!this.open.has(address)
		);
	}

	/** Whether anything may be granted on the service now. */
	isReady(n: number): boolean {
		const { client, status, ended } = this.services[n]!;
		return this.isActive[client] === true && status === "active" && !ended;
	}

	holderOf(address: string): number {
		return this.services.findIndex((one) => one.addresses.includes(address));
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
