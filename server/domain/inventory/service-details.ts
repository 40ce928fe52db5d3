/**
 * What only one kind of service has. It arrives as loose JSON from the billing system, so the readers here are total:
 * what is missing or of another type is null, or the contract's own word for not knowing.
 */
import type { Details } from "./service.ts";

/** Contract 8.1. */
export const powerStates = [
	"running",
	"stopped",
	"starting",
	"stopping",
	"paused",
	"provisioning",
	"error",
	"unknown",
] as const;

export type PowerState = (typeof powerStates)[number];

export interface VpsDetails {
	/** Null when nobody said. */
	readonly powerState: PowerState | null;
	readonly operatingSystem: {
		readonly displayName: string | null;
		readonly family: string | null;
		readonly version: string | null;
		readonly variant: string | null;
	} | null;
	/** 0 when nobody said: the contract has no null here. */
	readonly resources: {
		readonly cpuCores: number;
		readonly memoryGb: number;
		readonly storageGb: number;
	};
}

export interface HostingDetails {
	readonly primaryDomain: string | null;
	/** All of them, the primary one first. */
	readonly domains: readonly string[];
	/** What the customer calls it. */
	readonly customName: string | null;
	readonly nextDueAt: Date | null;
	readonly expiresAt: Date | null;
}

export interface DomainDetails {
	readonly orderId: string | null;
	readonly lifecycle: {
		/** `standard` when nobody said. */
		readonly type: string;
		readonly autoRenewEnabled: boolean | null;
		readonly registrarLockEnabled: boolean | null;
		readonly transferInProgress: boolean;
	};
}

export function vpsDetails(details: Details): VpsDetails {
	const system = objectIn(details, "operatingSystem");
	const resources = objectIn(details, "resources") ?? {};
	const state = textIn(details, "powerState");
	return {
		powerState:
			state === null
				? null
				: (powerStates.find((word) => word === state) ?? "unknown"),
		operatingSystem: system && {
			displayName: textIn(system, "displayName"),
			family: textIn(system, "family"),
			version: textIn(system, "version"),
			variant: textIn(system, "variant"),
		},
		resources: {
			cpuCores: numberIn(resources, "cpuCores"),
			memoryGb: numberIn(resources, "memoryGb"),
			storageGb: numberIn(resources, "storageGb"),
		},
	};
}

export function hostingDetails(details: Details): HostingDetails {
	const primaryDomain = textIn(details, "primaryDomain");
	const listed = field(details, "domains");
	const domains = Array.isArray(listed)
		? listed.filter((name: unknown) => typeof name === "string")
		: [];
	const others = domains.filter((name) => name !== primaryDomain);
	return {
		primaryDomain,
		domains: primaryDomain === null ? others : [primaryDomain, ...others],
		customName: textIn(details, "customName"),
		nextDueAt: instantIn(details, "nextDueAt"),
		expiresAt: instantIn(details, "expiresAt"),
	};
}

export function domainDetails(details: Details): DomainDetails {
	const lifecycle = objectIn(details, "lifecycle") ?? {};
	return {
		orderId: textIn(details, "orderId"),
		lifecycle: {
			type: textIn(lifecycle, "type") ?? "standard",
			autoRenewEnabled: flagIn(lifecycle, "autoRenewEnabled"),
			registrarLockEnabled: flagIn(lifecycle, "registrarLockEnabled"),
			transferInProgress: flagIn(lifecycle, "transferInProgress") ?? false,
		},
	};
}

/** A field of its own: what an object inherits was sent by nobody. */
function field(details: Details, name: string): unknown {
	return Object.hasOwn(details, name) ? details[name] : undefined;
}

function textIn(details: Details, name: string): string | null {
	const value = field(details, name);
	return typeof value === "string" ? value : null;
}

function flagIn(details: Details, name: string): boolean | null {
	const value = field(details, name);
	return typeof value === "boolean" ? value : null;
}

function numberIn(details: Details, name: string): number {
	const value = field(details, name);
	return typeof value === "number" && Number.isFinite(value) ? value : 0;
}

function instantIn(details: Details, name: string): Date | null {
	const value = textIn(details, name);
	const at = value === null ? Number.NaN : Date.parse(value);
	return Number.isNaN(at) ? null : new Date(at);
}

function objectIn(details: Details, name: string): Details | null {
	const value = field(details, name);
	return typeof value === "object" && value !== null && !Array.isArray(value)
		? { ...value }
		: null;
}
