/** Sites: which part of the network enforces which addresses. */
import Type from "typebox";
import { listSites as askForSites } from "../../domain/allowlist/list-sites.ts";
import { saveSite } from "../../domain/allowlist/save-site.ts";
import { type Site, siteIdPattern } from "../../domain/allowlist/site.ts";
import { route } from "../route.ts";

const DeskSite = Type.Object({
	id: Type.String(),
	prefixes: Type.Array(Type.String()),
	epoch: Type.String({ description: "Changes when revisions start over." }),
	revision: Type.Integer({
		description: "Grows by one with every change of what is open there.",
	}),
	size: Type.Integer({ description: "How many entries are active there." }),
	createdAt: Type.String(),
});

export const listSites = route({
	method: "GET",
	path: "/api/desk/sites",
	name: "listSites",
	summary: "List sites with their prefixes",
	tag: "Sites",
	scope: "desk:admin",
	answer: {
		status: 200,
		description: "All of them, by their ids.",
		schema: Type.Object({ data: Type.Array(DeskSite) }),
	},
	async handle({ ask }) {
		const sites = await ask(askForSites, {});
		return { data: sites.map(present) };
	},
});

export const putSite = route({
	method: "PUT",
	path: "/api/desk/sites/{id}",
	name: "putSite",
	summary: "Make a site, or set its prefixes",
	description:
		"All prefixes of the site: others are taken away from it. Public networks only, none that overlaps with another. Entries go with their addresses; one that no site covers any more is closed at once.",
	tag: "Sites",
	scope: "desk:admin",
	isDecision: true,
	params: Type.Object({ id: Type.String({ pattern: siteIdPattern }) }),
	body: Type.Object({
		prefixes: Type.Array(Type.String({ maxLength: 64 }), { maxItems: 1_000 }),
	}),
	answer: { status: 200, description: "The site.", schema: DeskSite },
	refusals: ["resource.not_found", "site.prefix_overlaps"],
	async handle({ params, body, apply }) {
		const { prefixes } = body;
		return present(await apply(saveSite, { id: params.id, prefixes }));
	},
});

function present(site: Site) {
	return {
		id: site.id,
		prefixes: [...site.prefixes],
		epoch: site.epoch,
		revision: site.revision,
		size: site.size,
		createdAt: site.createdAt.toISOString(),
	};
}
