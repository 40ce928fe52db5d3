import { Button, CloseButton, Group, Text } from "@mantine/core";
import { type ClipboardEvent, type DragEvent, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { ApiProblem } from "../api/problem.ts";
import { announce } from "../ui/announce.tsx";
import { Why } from "../ui/Problem.tsx";
import { sizeOf } from "../ui/sizes.ts";
import { type ChosenFile, canResend, filesMax } from "./uploads.ts";
import type { Files } from "./use-files.ts";

/**
 * Around a text: files dropped on it or pasted into it are taken with it, and there is a button for everybody else
 * (WCAG 2.2, 2.5.7).
 */
export function FilesField({
	files,
	children,
}: {
	readonly files: Files;
	readonly children: React.ReactNode;
}) {
	const { t } = useTranslation();
	const [isOver, setIsOver] = useState(false);
	const [tooMany, setTooMany] = useState(0);
	const picker = useRef<HTMLInputElement>(null);

	function take(chosen: FileList | null): boolean {
		const list = [...(chosen ?? [])];
		if (list.length === 0) return false;
		setTooMany(files.add(list).length);
		announce(t("files.added", { count: list.length }));
		return true;
	}
	function drop(event: DragEvent): void {
		setIsOver(false);
		if (take(event.dataTransfer.files)) event.preventDefault();
	}
	function paste(event: ClipboardEvent): void {
		if (take(event.clipboardData.files)) event.preventDefault();
	}
	function drag(event: DragEvent): void {
		if (!event.dataTransfer.types.includes("Files")) return;
		event.preventDefault();
		setIsOver(true);
	}

	return (
		<fieldset
			className={isOver ? "files over" : "files"}
			aria-label={t("files.label")}
			onDragOver={drag}
			onDragLeave={() => setIsOver(false)}
			onDrop={drop}
			onPaste={paste}
		>
			{children}
			{files.files.length > 0 && (
				<ul className="chosen">
					{files.files.map((file) => (
						<Chosen key={file.tag} file={file} files={files} />
					))}
				</ul>
			)}
			{tooMany > 0 && (
				<Text size="sm" className="why" role="alert">
					{t("files.tooMany", { max: filesMax })}
				</Text>
			)}
			<Group gap="sm" mt="xs">
				<input
					ref={picker}
					type="file"
					multiple
					hidden
					aria-label={t("files.pick")}
					onChange={({ currentTarget }) => {
						take(currentTarget.files);
						// The same file may be chosen again after it was removed.
						currentTarget.value = "";
					}}
				/>
				<Button
					size="xs"
					variant="default"
					onClick={() => picker.current?.click()}
				>
					{t("files.pick")}
				</Button>
				<Text size="xs" c="dimmed">
					{t("files.hint")}
				</Text>
			</Group>
		</fieldset>
	);
}

function Chosen({
	file,
	files,
}: {
	readonly file: ChosenFile;
	readonly files: Files;
}) {
	const { t, i18n } = useTranslation();
	const { name, byteLength, state } = file;
	const isSending = state.kind === "sending";
	return (
		<li>
			<span className="file">
				<span className="name">{name}</span>
				<span className="soft">{sizeOf(byteLength, i18n.language)}</span>
			</span>
			<Group gap="xs" wrap="nowrap">
				{state.kind === "refused" && canResend(file.tag) && (
					<Button
						size="compact-xs"
						variant="default"
						onClick={() => files.resend(file.tag)}
					>
						{t("problem.retry")}
					</Button>
				)}
				<CloseButton
					size="sm"
					aria-label={t(isSending ? "files.cancel" : "files.remove", { name })}
					onClick={() => {
						files.remove(file.tag);
						announce(t("files.removed", { name }));
					}}
				/>
			</Group>
			{isSending && (
				<progress
					aria-label={t("files.progress", { name })}
					value={state.share}
					max={1}
				/>
			)}
			{state.kind === "refused" && (
				<span className="why" role="alert">
					<WhyRefused error={state.error} />
				</span>
			)}
			{state.kind === "gone" && (
				<span className="why" role="alert">
					{t("files.gone")}
				</span>
			)}
		</li>
	);
}

/** What the file is not taken for, beside the general words the server's own: they name the sort of file. */
function WhyRefused({ error }: { readonly error: unknown }) {
	const { t } = useTranslation();
	if (!(error instanceof ApiProblem)) return <Why error={error} />;
	// How large a file may be is for the operator to say: only the answer tells.
	const fault = error.status === 413 ? error.detail : error.faultAt("/file");
	if (fault === undefined) return <Why error={error} />;
	return (
		<>
			{t("files.refused")} <span lang="en">{fault.replaceAll("`", "")}</span>
		</>
	);
}
