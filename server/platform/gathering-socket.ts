import { Socket } from "node:net";

type Written = (error?: Error | null) => void;

/**
 * A socket that hands what is written within one turn of the event loop to the operating system at once. Statements that are
 * ready together travel together: each write of its own would cost a system call here and wake the other side once more.
 */
export class GatheringSocket extends Socket {
	#flushing: (() => void) | undefined;

	override write(chunk: Uint8Array | string, written?: Written): boolean;
	override write(
		chunk: Uint8Array | string,
		encoding?: BufferEncoding,
		written?: Written,
	): boolean;
	override write(
		chunk: Uint8Array | string,
		encoding?: BufferEncoding | Written,
		written?: Written,
	): boolean {
		this.#gather();
		return typeof encoding === "function"
			? super.write(chunk, encoding)
			: super.write(chunk, encoding, written);
	}

	/** Holds back what is written from now on, until everything that is ready now has had its turn. */
	#gather(): void {
		if (this.#flushing !== undefined) return;
		this.#flushing = () => {
			this.#flushing = undefined;
			this.uncork();
		};
		this.cork();
		process.nextTick(this.#flushing);
	}
}
