/** A session that is in the midst of it when its address is revoked, and what the server took of it afterwards. */
import { setTimeout as delay } from "node:timers/promises";
import { nowMs, type ServedSession } from "./resident-commands.ts";
import { at, type Lab, outbound } from "./topology.ts";
import { setWitness, toPort25 } from "./witness.ts";

export interface Revoked {
	/** When the server took the last byte, from the beginning of the revoke; 0 when it took none after it. */
	readonly lastByteMs: number;
	/** Client's packets that still crossed the gate once `revoke` had settled, however busy the machine was. */
	readonly packetsLater: number;
	/** Bytes that the server took later than 100 ms after the beginning. */
	readonly bytesLater: number;
	/** What the server took in that time of another customer, whose address of the same family stays approved. */
	readonly neighbourBytesLater: number;
	/** What the server has said, or tried to, since then. */
	readonly talkedBytes: number;
	/** How the session ended for the client, and when from the beginning; null while it hangs in silence. */
	readonly ended: { readonly afterMs: number; readonly code: string } | null;
}

/** How long it is watched that nothing more comes: the server talks every 5 ms, the client would, too. */
const watchMs = 600;

/** Opens a session of `from`, an address of customer one, and one of customer two; revokes in their midst, and watches. */
export async function revokeUnder(
	lab: Lab,
	from: string,
	revoke: () => void | Promise<void>,
): Promise<Revoked> {
	const { one, two, internet } = lab;
	const neighbour = from.includes(":") ? at.two.v6 : at.two.v4;
	const { id } = await one.ask("converse", outbound(from));
	const { id: neighbourId } = await two.ask("converse", outbound(neighbour));
	const serverSide = async (peer: string) => {
		const session = (await internet.ask("served", { peer })).at(-1);
		if (session === undefined) throw new Error("the server has no session");
		return session;
	};
	const witness = setWitness(internet, "session", [toPort25(from)]);
	const beganAtMs = nowMs();
	await revoke();
	const packetsBefore = witness.count();
	const before = await serverSide(from);
	await delay(watchMs);
	const after = await serverSide(from);
	const beside = await serverSide(neighbour);
	const { ended } = await one.ask("hangUp", { id });
	await two.ask("hangUp", { id: neighbourId });
	const last = after.reads.at(-1)?.atMs ?? 0;
	const bytesLater = ({ reads }: ServedSession) =>
		reads
			.filter(({ atMs }) => atMs - beganAtMs > 100)
			.reduce((sum, { bytes }) => sum + bytes, 0);
	return {
		lastByteMs: Math.max(0, last - beganAtMs),
		packetsLater: witness.count() - packetsBefore,
		bytesLater: bytesLater(after),
		neighbourBytesLater: bytesLater(beside),
		talkedBytes: after.bytesWritten - before.bytesWritten,
		ended:
			ended === null
				? null
				: { afterMs: ended.atMs - beganAtMs, code: ended.code },
	};
}
