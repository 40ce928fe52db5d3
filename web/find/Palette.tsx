import "./palette.css";
import { useNavigate } from "@tanstack/react-router";
import { type KeyboardEvent, useId, useState } from "react";
import { useTranslation } from "react-i18next";
import { Dialog } from "../ui/Dialog.tsx";
import { Problem } from "../ui/Problem.tsx";
import { type Found, useFound } from "./use-found.ts";

/** One field that finds servers, tickets and requests, moved through with the arrow keys (ARIA 1.2, combobox). */
export function Palette({ onClose }: { readonly onClose: () => void }) {
	const { t } = useTranslation();
	const navigate = useNavigate();
	const [text, setText] = useState("");
	const [chosenKey, setChosenKey] = useState<string>();
	const { found, isLooking, error } = useFound(text);
	const chosen =
		found.find(({ key }) => key === chosenKey) ?? found[0] ?? undefined;
	const listId = useId();
	const optionId = ({ key }: Found) => `${listId} ${key}`.replaceAll(" ", "-");

	function go({ to }: Found): void {
		onClose();
		void navigate(to);
	}
	function move(event: KeyboardEvent): void {
		const at = chosen === undefined ? -1 : found.indexOf(chosen);
		const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
		if (step !== undefined && found.length > 0) {
			event.preventDefault();
			const next = found[(at + step + found.length) % found.length];
			setChosenKey(next?.key);
			if (next !== undefined)
				document
					.getElementById(optionId(next))
					?.scrollIntoView({ block: "nearest" });
		}
		if (event.key === "Enter" && chosen !== undefined) {
			event.preventDefault();
			go(chosen);
		}
	}

	return (
		<Dialog
			onClose={onClose}
			size="lg"
			title={t("find.title")}
			classNames={{ body: "palette" }}
		>
			<input
				className="words"
				role="combobox"
				aria-expanded={found.length > 0}
				aria-controls={listId}
				aria-autocomplete="list"
				aria-activedescendant={
					chosen === undefined ? undefined : optionId(chosen)
				}
				aria-label={t("find.label")}
				placeholder={t("find.label")}
				data-autofocus
				autoComplete="off"
				spellCheck={false}
				maxLength={200}
				value={text}
				onChange={(event) => {
					setText(event.currentTarget.value);
					setChosenKey(undefined);
				}}
				onKeyDown={move}
			/>
			<Results
				{...{ listId, found, chosen, optionId }}
				onPick={go}
				onPoint={(one) => setChosenKey(one.key)}
			/>
			{error !== undefined && <Problem error={error} />}
			<p className="soft count" role="status">
				{isLooking && text !== ""
					? t("find.looking")
					: text !== "" && t("find.count", { count: found.length })}
			</p>
		</Dialog>
	);
}

function Results({
	listId,
	found,
	chosen,
	optionId,
	onPick,
	onPoint,
}: {
	readonly listId: string;
	readonly found: readonly Found[];
	readonly chosen: Found | undefined;
	readonly optionId: (found: Found) => string;
	readonly onPick: (found: Found) => void;
	readonly onPoint: (found: Found) => void;
}) {
	const { t } = useTranslation();
	return (
		<div id={listId} role="listbox" aria-label={t("find.results")}>
			{found.map((one, i) => (
				<div key={one.key} role="presentation">
					{one.group !== found[i - 1]?.group && (
						<div className="group" role="presentation">
							{t(`find.group.${one.group}`)}
						</div>
					)}
					{/* The keyboard stays in the field above, which says which one is chosen. */}
					<button
						type="button"
						id={optionId(one)}
						role="option"
						tabIndex={-1}
						aria-selected={one === chosen}
						className="option"
						onMouseDown={(event) => event.preventDefault()}
						onMouseMove={() => onPoint(one)}
						onClick={() => onPick(one)}
					>
						<span className="name">{one.title}</span>
						<span className="soft">{one.detail}</span>
					</button>
				</div>
			))}
		</div>
	);
}
