/** The public id of a seeded ticket of this number. */
export function ticketIdAt(number: number): string {
	return `tkt_${String(number).padStart(26, "0")}`;
}
