/** Writes `docs/configuration.md` from the declarations in `server/config-options.ts`. */
import { describeOptions, type OptionRow } from "../server/config.ts";

const head = `This page is generated from \`server/config-options.ts\` by \`npm run generate\`; change it there.

# Configuration

Postern is configured by environment variables, and by nothing else. Without any it runs on this machine, with an embedded
database in \`./data\`.

* **Precedence.** A variable that is set wins over the default below; what a command is told on its command line is for
  that command only. A variable that is set to the empty string counts as not set.
* **Files.** Each variable \`NAME\` has a variant \`NAME_FILE\`: the path of a file that holds the value. One newline at the
  end of the file is left out. Giving both \`NAME\` and \`NAME_FILE\` stops the start, and so does a file that is empty or
  cannot be read. Give secrets this way: other processes may see an environment.
* **Mistakes.** A value that is not valid stops the start, and so does a variable that begins with \`POSTERN_\` and is not
  on this page: the message names the nearest one that is. All mistakes are shown at once, one line each. What
  Kubernetes adds for a service named \`postern\` (\`POSTERN_SERVICE_HOST\` and its like) is ignored.
* **Secrets** are never shown, neither in a message nor in a log.

The configuration is read once, at the start; restart to change it.
`;

/** The text of the page: a head for people, then one table for each group of options. */
export function configurationPage(): string {
	const groups = Map.groupBy(describeOptions(), (row) => row.group);
	const tables = [...groups].map(
		([group, rows]) =>
			`\n## ${group}\n\n| Variable | Default | What |\n|---|---|---|\n${rows.map(line).join("")}`,
	);
	return head + tables.join("");
}

function line({ name, fallback, doc, expected, isSecret }: OptionRow): string {
	const secret = isSecret ? " Secret." : "";
	return `| \`${name}\` | ${fallback} | ${doc} Expects ${expected}.${secret} |\n`;
}
