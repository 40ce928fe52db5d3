/** Those that one can look for; kept apart from the pages, so that their addresses can be read without them. */
export const statuses = [
	"open",
	"customer_reply",
	"answered",
	"in_progress",
	"on_hold",
	"closed",
] as const;

export type Status = (typeof statuses)[number];
