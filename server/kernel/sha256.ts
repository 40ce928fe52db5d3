/**
 * SHA-256 as in FIPS 180-4, in plain TypeScript: the policy must be able to seal a receipt synchronously, and
 * pure code has neither `node:crypto` nor a promise to wait for. For facts and policies of a few kilobytes;
 * whoever hashes files or secrets uses the platform's own.
 */

/** FIPS 180-4, 5.3.3. */
const initialState = [
	0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c,
	0x1f83d9ab, 0x5be0cd19,
];

/** FIPS 180-4, 4.2.2. */
const roundConstants = Int32Array.of(
	0x428a2f98,
	0x71374491,
	0xb5c0fbcf,
	0xe9b5dba5,
	0x3956c25b,
	0x59f111f1,
	0x923f82a4,
	0xab1c5ed5,
	0xd807aa98,
	0x12835b01,
	0x243185be,
	0x550c7dc3,
	0x72be5d74,
	0x80deb1fe,
	0x9bdc06a7,
	0xc19bf174,
	0xe49b69c1,
	0xefbe4786,
	0x0fc19dc6,
	0x240ca1cc,
	0x2de92c6f,
	0x4a7484aa,
	0x5cb0a9dc,
	0x76f988da,
	0x983e5152,
	0xa831c66d,
	0xb00327c8,
	0xbf597fc7,
	0xc6e00bf3,
	0xd5a79147,
	0x06ca6351,
	0x14292967,
	0x27b70a85,
	0x2e1b2138,
	0x4d2c6dfc,
	0x53380d13,
	0x650a7354,
	0x766a0abb,
	0x81c2c92e,
	0x92722c85,
	0xa2bfe8a1,
	0xa81a664b,
	0xc24b8b70,
	0xc76c51a3,
	0xd192e819,
	0xd6990624,
	0xf40e3585,
	0x106aa070,
	0x19a4c116,
	0x1e376c08,
	0x2748774c,
	0x34b0bcb5,
	0x391c0cb3,
	0x4ed8aa4a,
	0x5b9cca4f,
	0x682e6ff3,
	0x748f82ee,
	0x78a5636f,
	0x84c87814,
	0x8cc70208,
	0x90befffa,
	0xa4506ceb,
	0xbef9a3f7,
	0xc67178f2,
);

const blockBytes = 64;
const wordBytes = 4;

/** The digest of a text's UTF-8 bytes: 64 lower-case hexadecimal digits. */
export function sha256Hex(text: string): string {
	let hex = "";
	for (const byte of sha256(new TextEncoder().encode(text))) {
		hex += byte.toString(16).padStart(2, "0");
	}
	return hex;
}

/** The digest of a message: 32 bytes. */
export function sha256(message: Uint8Array): Uint8Array {
	const padded = pad(message);
	const state = Int32Array.from(initialState);
	const schedule = new Int32Array(roundConstants.length);
	for (let at = 0; at < padded.byteLength; at += blockBytes) {
		expand(schedule, padded, at);
		compress(state, schedule);
	}
	const digest = new DataView(new ArrayBuffer(32));
	for (const [i, word] of state.entries()) digest.setInt32(i * wordBytes, word);
	return new Uint8Array(digest.buffer);
}

/** FIPS 180-4, 5.1.1: a one bit, zeros, and the length in bits as 64 bits, up to a whole block. */
function pad(message: Uint8Array): DataView {
	const blocks = Math.ceil((message.length + 9) / blockBytes);
	const padded = new Uint8Array(blocks * blockBytes);
	padded.set(message);
	padded[message.length] = 0x80;
	const view = new DataView(padded.buffer);
	view.setUint32(padded.length - 8, Math.floor(message.length / 2 ** 29));
	view.setUint32(padded.length - 4, message.length << 3);
	return view;
}

/** FIPS 180-4, 6.2.2 step 1: the block's 16 words become the schedule's 64. */
function expand(schedule: Int32Array, padded: DataView, at: number): void {
	for (let i = 0; i < 16; i += 1)
		schedule[i] = padded.getInt32(at + i * wordBytes);
	for (let i = 16; i < schedule.length; i += 1)
		schedule[i] =
			mix(word(schedule, i - 2), 17, 19, 10) +
			word(schedule, i - 7) +
			mix(word(schedule, i - 15), 7, 18, 3) +
			word(schedule, i - 16);
}

/** FIPS 180-4, 6.2.2 steps 2 to 4: 64 rounds over one block, added to the state. */
function compress(state: Int32Array, schedule: Int32Array): void {
	let a = word(state, 0);
	let b = word(state, 1);
	let c = word(state, 2);
	let d = word(state, 3);
	let e = word(state, 4);
	let f = word(state, 5);
	let g = word(state, 6);
	let h = word(state, 7);
	for (let i = 0; i < schedule.length; i += 1) {
		const e3 = rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25);
		const choice = (e & f) ^ (~e & g);
		const t1 =
			(h + e3 + choice + word(roundConstants, i) + word(schedule, i)) | 0;
		const a3 = rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22);
		const majority = (a & b) ^ (a & c) ^ (b & c);
		h = g;
		g = f;
		f = e;
		e = (d + t1) | 0;
		d = c;
		c = b;
		b = a;
		a = (t1 + a3 + majority) | 0;
	}
	// An Int32Array keeps the low 32 bits of what it is given.
	for (const [i, added] of [a, b, c, d, e, f, g, h].entries())
		state[i] = word(state, i) + added;
}

/** Every index here is inside its array; the compiler cannot know. */
function word(words: Int32Array, i: number): number {
	return words[i] ?? 0;
}

function rotate(bits: number, by: number): number {
	return (bits >>> by) | (bits << (32 - by));
}

/** The small sigma functions of FIPS 180-4, 4.1.2: two rotations and a shift. */
function mix(
	bits: number,
	first: number,
	second: number,
	shift: number,
): number {
	return rotate(bits, first) ^ rotate(bits, second) ^ (bits >>> shift);
}
