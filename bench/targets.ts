/** What the figures should be, and whether they are: the first table of the page. */
import type { Cost } from "./growth.ts";
import type { Measured } from "./measure.ts";
import type { Run } from "./page.ts";
import type { Operation } from "./plan.ts";

export interface Target {
	readonly what: string;
	readonly aim: string;
	readonly reached: string;
	readonly isMet: boolean;
}

/** By the script that does the same alone. Rates are those at the most connections. */
const rateAims: Partial<
	Record<Operation["script"], { readonly of: "pgbench" | "bare"; aim: number }>
> = {
	"ticket-create": { of: "pgbench", aim: 0.6 },
	approved: { of: "pgbench", aim: 0.5 },
	"ticket-read": { of: "bare", aim: 0.7 },
	"ticket-list": { of: "bare", aim: 0.7 },
};

const aims = {
	p99Ms: 50,
	singleLatency: 2,
	growth: 1.5,
	searchGrowth: 3,
	searchP95Ms: 100,
	memoryMib: 200,
	/** Of the last quarter to the second; what is less is noise. */
	memoryGrowth: 1.05,
	startMs: 1_000,
};

export function targetsOf(run: Run): Target[] {
	const done = [run.requests, run.reviewList, run.tickets];
	const measured = done.flatMap((part) => part?.measured ?? []);
	return [
		...measured.flatMap(targetsOfOperation),
		...(run.tickets?.twoProcesses ?? []).map(({ name, one, two }) =>
			atLeast(`${name}: two processes`, two / one, {
				...{ aim: 1, unit: " of one" },
			}),
		),
		...growthTargets([
			...(run.growth?.costs ?? []),
			...(run.reviewList?.costs ?? []),
		]),
		...memoryTargets(run),
	];
}

function targetsOfOperation({
	operation,
	alone,
	served,
	bare,
}: Measured): Target[] {
	const rate = rateAims[operation.script];
	const most = served.at(-1);
	const first = served[0];
	const single = alone.find(({ callers }) => callers === 1);
	if (rate === undefined || most === undefined || first === undefined)
		return [];
	const best = Math.max(...alone.map(({ perSecond }) => perSecond));
	const whole = rate.of === "bare" ? bare?.perSecond : best;
	const { name } = operation;
	return [
		...(whole === undefined || !Number.isFinite(whole)
			? []
			: [
					atLeast(`${name}: rate`, most.perSecond / whole, {
						aim: rate.aim,
						unit: rate.of === "bare" ? " of a bare route" : " of pgbench",
					}),
				]),
		atMost(`${name}: p99`, most.p99Ms, { aim: aims.p99Ms, unit: " ms" }),
		...(single === undefined
			? []
			: [
					atMost(`${name}: p50 at one connection`, first.p50Ms / single.p50Ms, {
						aim: aims.singleLatency,
						unit: " × pgbench's",
					}),
				]),
	];
}

function growthTargets(costs: readonly Cost[]): Target[] {
	const names = [...new Set(costs.map(({ what }) => what))];
	return names.flatMap((what) => {
		const same = costs.filter((cost) => cost.what === what);
		const [few, many] = [same[0], same.at(-1)];
		if (few === undefined || many === undefined || few === many) return [];
		const isSearch = what.startsWith("search");
		const grown = atMost(
			`${what}: cost among ${many.rows.toLocaleString("en")}`,
			many.p50Ms / few.p50Ms,
			{
				aim: isSearch ? aims.searchGrowth : aims.growth,
				unit: ` × that among ${few.rows.toLocaleString("en")}`,
			},
		);
		const slowest = atMost(`${what}: p95`, many.p95Ms, {
			...{ aim: aims.searchP95Ms, unit: " ms" },
		});
		return isSearch ? [grown, slowest] : [grown];
	});
}

function memoryTargets({ memory }: Run): Target[] {
	if (memory === undefined) return [];
	const { quartersMib, startMs } = memory;
	const [, second = NaN] = quartersMib;
	const last = quartersMib.at(-1) ?? NaN;
	const median = startMs.toSorted((a, b) => a - b)[
		Math.floor(startMs.length / 2)
	];
	return [
		atMost("memory under load", Math.max(...quartersMib), {
			...{ aim: aims.memoryMib, unit: " MiB" },
		}),
		atMost("memory of the last quarter", last / second, {
			...{ aim: aims.memoryGrowth, unit: " × the second's" },
		}),
		atMost("start to first answer", median ?? NaN, {
			...{ aim: aims.startMs, unit: " ms" },
		}),
	];
}

interface Aim {
	readonly aim: number;
	readonly unit: string;
}

function atLeast(what: string, value: number, { aim, unit }: Aim): Target {
	return {
		...{ what, aim: `≥ ${aim.toFixed(2)}${unit}` },
		...{ reached: short(value), isMet: value >= aim },
	};
}

function atMost(what: string, value: number, { aim, unit }: Aim): Target {
	return {
		...{ what, aim: `≤ ${aim}${unit}` },
		...{ reached: short(value), isMet: value <= aim },
	};
}

function short(value: number): string {
	return value.toFixed(value < 10 ? 2 : 0);
}
