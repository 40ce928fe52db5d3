/** An upload as whoever sent it sees it, customer or staff (contract 6.8). */
import Type from "typebox";
import type { Upload } from "../domain/attachments/upload.ts";

export const fileWords =
	"One file of at most 10 MiB, unless configured otherwise: an image (PNG, JPEG, GIF, WebP, HEIC, AVIF, TIFF), PDF, text, log, CSV, JSON, e-mail (.eml) or ZIP.";

export const UploadShape = Type.Object({
	attachmentId: Type.String({
		description: "Of the upload; the attachment will have another one.",
	}),
	url: Type.String({
		description: "Names the stored file. It cannot be fetched.",
	}),
	filename: Type.String(),
	byteLength: Type.Integer(),
	contentType: Type.String(),
	uploadedAt: Type.String(),
	ticketId: Type.Union([Type.String(), Type.Null()]),
});

/** Of no host that there is or can be (RFC 2606, 2): the file is in our storage, and only its attachment can be fetched. */
const nowhere = "https://uploads.invalid";

export function presentUpload(upload: Upload) {
	return {
		attachmentId: upload.id,
		url: `${nowhere}/${upload.id}`,
		filename: upload.filename,
		byteLength: upload.byteLength,
		contentType: upload.contentType,
		uploadedAt: upload.uploadedAt.toISOString(),
		ticketId: upload.ticketId,
	};
}
