/** The driver that the configuration names. */
import type { Config } from "../config.ts";
import { ConfigInvalid } from "../config-keys.ts";
import type { Driver } from "./driver.ts";
import { FileDriver } from "./file.ts";
import { Nftables } from "./nftables.ts";

export function driverOf(config: Config, log: (line: string) => void): Driver {
	const { ruleset } = config;
	if (config.driver === "file")
		return new FileDriver({
			folder: config.fileFolder,
			ruleset,
			reload: config.fileReload,
		});
	if (ruleset === null) throw new ConfigInvalid("set interfaces");
	return new Nftables({
		ruleset,
		program: config.nft,
		folder: config.runtimeFolder,
		log,
	});
}
