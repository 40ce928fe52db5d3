/**
 * What people typed or chose, by name: it outlives the component that shows it, and where it may be kept on the device, a
 * reload and a lost connection too.
 */
import { createContext, use, useCallback, useSyncExternalStore } from "react";

interface Form<T> {
	/** What is there before anything was put there. */
	readonly empty: T;
	/** As it is kept on the device; undefined when there is nothing to keep. */
	toText(value: T): string | undefined;
	/** What was kept, looked at before it is believed; undefined when it is nothing of ours. */
	fromText(text: string): T | undefined;
}

export class Shelf<T> {
	readonly #prefix: string;
	readonly #form: Form<T>;
	readonly #values = new Map<string, T>();
	readonly #lookers = new Set<() => void>();

	/** @param kind unique on the site */
	constructor(kind: string, form: Form<T>) {
		this.#prefix = `postern-${kind} `;
		this.#form = form;
	}

	get(name: string): T {
		const known = this.#values.get(name);
		if (known !== undefined) return known;
		const text = read(this.#prefix + name);
		const kept = text === null ? undefined : this.#form.fromText(text);
		const value = kept ?? this.#form.empty;
		this.#values.set(name, value);
		return value;
	}

	set(name: string, value: T): void {
		this.#values.set(name, value);
		write(this.#prefix + name, this.#form.toText(value));
		for (const look of this.#lookers) look();
	}

	clear(name: string): void {
		this.set(name, this.#form.empty);
	}

	watch(look: () => void): () => void {
		this.#lookers.add(look);
		return () => this.#lookers.delete(look);
	}
}

/** Whose things these are: two accounts on one device do not see each other's. */
export const ShelfOwner = createContext("nobody");

/** The full name of a thing of the one who is signed in. */
export function useShelfName(name: string): string {
	return `${use(ShelfOwner)} ${name}`;
}

/** @param fullName from `useShelfName` */
export function useShelf<T>(shelf: Shelf<T>, fullName: string): T {
	return useSyncExternalStore(
		useCallback((look) => shelf.watch(look), [shelf]),
		() => shelf.get(fullName),
	);
}

function read(name: string): string | null {
	try {
		return localStorage.getItem(name);
	} catch {
		// Storage is switched off.
		return null;
	}
}

function write(name: string, text: string | undefined): void {
	try {
		if (text === undefined) localStorage.removeItem(name);
		else localStorage.setItem(name, text);
	} catch {
		// Then it lives as long as the page.
	}
}
