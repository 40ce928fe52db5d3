/** The numbers an operator sets and the rules of the domain read. They come from the configuration, once, at start. */
export interface Settings {
	readonly port25: {
		/** Submissions of one client that may become requests within an hour (contract 14.9). */
		readonly perHour: number;
		/** Days before an address that was rejected may be asked for again; 0 for none (contract 14.52). */
		readonly coolOffDays: number;
		/** Days after which a request that nobody decided expires; 0 for never. */
		readonly pendingDays: number;
		/** Code points a reason must have; 0 for no minimum (contract 14.46). */
		readonly reasonMin: number;
		/** Hours in which a decision may be taken back; 0 makes every decision final. */
		readonly reopenHours: number;
	};
	readonly sessions: {
		/** How long a session lasts without a request, and how long at most. */
		readonly customer: SessionLimits;
		readonly staff: SessionLimits;
	};
	readonly attachments: {
		/** Uploads of one client or member of staff that may wait to be attached. */
		readonly waitingMax: number;
		/** Hours after which an upload that was not attached is removed (contract 14.37). */
		readonly waitingHours: number;
	};
}

export interface SessionLimits {
	readonly idleMinutes: number;
	readonly hours: number;
}
