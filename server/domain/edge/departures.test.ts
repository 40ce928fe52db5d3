import { beforeAll, describe, expect, test } from "vitest";
import { useDatabase } from "../../../test/db.ts";
import { expectInvariants } from "../../../test/deltas.ts";
import { createAgents } from "../../../test/edge.ts";
import { createSites } from "../../../test/edge-sites.ts";
import { createWorld } from "../../../test/world.ts";
import { system } from "../../kernel/actor.ts";
import { beginEpoch } from "../allowlist/begin-epoch.ts";
import { saveSite } from "../allowlist/save-site.ts";
import { unsettledSites } from "../allowlist/settle-entries.ts";
import { changeAgent } from "./change-agent.ts";
import { settleSite } from "./settle-site.ts";

const db = useDatabase();
const world = createWorld(() => db.performer);
const agents = createAgents(db);
const operator = system("test");
const { newSite } = createSites(db, world);

beforeAll(() => world.begin());

describe("an entry that leaves a site", () => {
	/** An open entry of a site whose one agent is cut off from now on; it can be moved and acknowledged. */
	async function departing() {
		const { siteId, open } = await newSite();
		const cutOff = await agents.add(siteId);
		await cutOff.report();
		const entry = await open();
		await cutOff.report();
		expect(await entry.is()).toBe("open");
		const { address } = await entry.find();
		const save = (id: string, prefixes: readonly string[]) =>
			db.performer.perform(operator, saveSite, { id, prefixes });
		return {
			entry,
			cutOff,
			siteId,
			leave: () => save(siteId, []),
			comeBack: () => save(siteId, [`${address}/32`]),
			async goTo(id: string) {
				await save(siteId, []);
				await save(id, [`${address}/32`]);
				return { leave: () => save(id, []) };
			},
		};
	}

	test("is not closed before the agents there have let go, also where no agent enforces it now", async () => {
		const { entry, cutOff, siteId, goTo } = await departing();
		const there = `${siteId}-next`;
		await goTo(there);
		await entry.revoke();
		await db.performer.perform(operator, settleSite, { siteId: there });
		await db.performer.perform(operator, settleSite, { siteId });
		expect(await entry.is()).toBe("closing");
		await cutOff.report();
		await db.performer.perform(operator, settleSite, { siteId: there });
		expect(await entry.is()).toBe("closed");
		expect((await entry.events()).map(({ kind }) => kind)).toEqual([
			"allowlist.entry_opened",
			"allowlist.entry_closed",
		]);
		await expectInvariants(db.sql);
	});

	test("waits for both, in either order, when agents enforce it where it goes", async () => {
		for (const first of ["old", "new"] as const) {
			const { entry, cutOff, siteId, goTo } = await departing();
			const there = `${siteId}-next`;
			await goTo(there);
			const other = await agents.add(there);
			await other.report();
			expect(await entry.is()).toBe("open");
			await entry.suspend();
			await (first === "old" ? cutOff : other).report();
			await db.performer.perform(operator, settleSite, { siteId: there });
			expect(await entry.is(), first).toBe("closing");
			await (first === "old" ? other : cutOff).report();
			await db.performer.perform(operator, settleSite, { siteId: there });
			expect(await entry.is(), first).toBe("closed");
		}
		await expectInvariants(db.sql);
	});

	test("is closing on where it goes, and where no site has it any more, when it was closing already", async () => {
		const { entry, cutOff, siteId, leave } = await departing();
		await entry.suspend();
		await leave();
		expect(await entry.is()).toBe("closing");
		await db.performer.perform(operator, settleSite, { siteId });
		expect(await entry.is()).toBe("closing");
		await expectInvariants(db.sql);
		await cutOff.report();
		expect(await entry.is(), "nobody holds it").toBe("unmanaged");
		expect((await entry.events()).at(-1)).toMatchObject({
			kind: "allowlist.entry_closed",
			data: { siteId },
		});
		await expectInvariants(db.sql);
	});

	test("waits for every site that it was at, and for one that it came back to once", async () => {
		const { entry, cutOff, siteId, goTo, comeBack } = await departing();
		const there = `${siteId}-next`;
		const next = await goTo(there);
		const other = await agents.add(there);
		await other.report();
		await next.leave();
		await comeBack();
		await goTo(`${siteId}-last`);
		await entry.revoke();
		await expectInvariants(db.sql);
		const settle = () =>
			db.performer.perform(operator, settleSite, { siteId: `${siteId}-last` });
		await other.report();
		await settle();
		expect(await entry.is()).toBe("closing");
		await cutOff.report();
		await settle();
		expect(await entry.is()).toBe("closed");
		await expectInvariants(db.sql);
	});

	test("waits for nobody when the agents there are removed, and for the new epoch's first revision after a restore", async () => {
		const { entry, cutOff, siteId, leave } = await departing();
		await leave();
		await entry.revoke();
		await db.performer.perform(operator, beginEpoch, { reason: "asked" });
		await db.performer.perform(operator, settleSite, { siteId });
		expect(await entry.is()).toBe("closing");
		await expectInvariants(db.sql);
		await db.performer.perform(operator, changeAgent, {
			id: cutOff.id,
			action: "remove",
		});
		expect(await unsettledSites(db.sql)).toContain(siteId);
		await db.performer.perform(operator, settleSite, { siteId });
		expect(await entry.is()).toBe("unmanaged");
		expect((await entry.find()).closedAt).toEqual(db.now);
		await expectInvariants(db.sql);
	});

	test("is closed once whoever ends it while the last of its sites lets go", async () => {
		for (let round = 0; round < 10; round += 1) {
			const { entry, siteId, cutOff, leave } = await departing();
			await leave();
			await Promise.all([cutOff.report(), entry.revoke()]);
			await db.performer.perform(operator, settleSite, { siteId });
			expect((await entry.find()).closedAt).not.toBeNull();
			await expectInvariants(db.sql);
		}
	});
});
