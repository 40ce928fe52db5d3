/** `postern-agent status`, as a person reads it. */
import { expect, test } from "vitest";
import { type AgentStatus, statusLines } from "./status-text.ts";

const applied = { epoch: "e1", rev: 7, n: 3, sum: "ab".repeat(16) };
const well: AgentStatus = {
	agent: "hv-7.example.com",
	version: "0.1.0",
	driver: "nftables",
	site: "home",
	isConnected: true,
	isArmed: true,
	applied,
	followed: applied,
	listedSum: applied.sum,
	heldSince: null,
	alarms: [],
};

test("an agent that is well says so in six lines", () => {
	expect(statusLines(well)).toEqual([
		"hv-7.example.com: postern-agent 0.1.0, driver nftables, site home",
		"armed",
		"hears Postern",
		`applied: revision 7, 3 elements (epoch e1, sum ${applied.sum})`,
		"listed, and the same",
		"no alarm",
	]);
});

test("one that has just begun has applied nothing, and says what that means", () => {
	const lines = statusLines({
		...well,
		site: null,
		isConnected: false,
		isArmed: false,
		applied: null,
		followed: null,
		listedSum: null,
	});
	expect(lines).toEqual([
		"hv-7.example.com: postern-agent 0.1.0, driver nftables, no site yet",
		"not armed: nothing counts as open here",
		"does not hear Postern: what was approved stays open, all else closed",
		"applied: nothing yet",
		"no alarm",
	]);
});

test("what is on its way, differs, is held back or is wrong has a line each", () => {
	const followed = { ...applied, rev: 9, n: 1 };
	const lines = statusLines({
		...well,
		followed,
		listedSum: "0".repeat(32),
		heldSince: "2026-11-20T10:00:00.000Z",
		alarms: [
			{
				kind: "disk_failed",
				detail: "ENOSPC: no space left on device",
				since: "2026-11-20T09:00:00.000Z",
			},
		],
	});
	expect(lines.slice(4)).toEqual([
		`on its way: revision 9, 1 elements (epoch e1, sum ${applied.sum})`,
		`listed, and not the same: sum ${"0".repeat(32)}`,
		"a snapshot is held back since 2026-11-20T10:00:00.000Z: postern-agent accept applies it",
		"alarm disk_failed since 2026-11-20T09:00:00.000Z: ENOSPC: no space left on device",
	]);
});
