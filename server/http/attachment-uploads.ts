/** The route that takes a file for a ticket, alike for customers and staff (contract 6.8). */
import Type from "typebox";
import type { Upload } from "../domain/attachments/upload.ts";
import { type UploadRoute, uploadRoute } from "./file-routes.ts";
import type { RouteWords } from "./route-words.ts";

const UploadShape = Type.Object({
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

/** @param ticketWords what is said of the part `ticketId` */
export function attachmentUpload(
	words: Omit<RouteWords, "refusals">,
	ticketWords: string,
): UploadRoute {
	return uploadRoute({
		...words,
		form: {
			file: "One file of at most 10 MiB, unless configured otherwise: an image (PNG, JPEG, GIF, WebP, HEIC, AVIF, TIFF), PDF, text, log, CSV, JSON, e-mail (.eml) or ZIP.",
			texts: Type.Object({
				ticketId: Type.Optional(Type.String({ description: ticketWords })),
			}),
		},
		answer: { status: 201, description: "The upload.", schema: UploadShape },
		refusals: ["resource.not_found", "upload.too_many", "request.timed_out"],
		async handle({ receive }) {
			return present(await receive());
		},
	});
}

/** Of no host that there is or can be (RFC 2606, 2): the file is in our storage, and only its attachment can be fetched. */
const nowhere = "https://uploads.invalid";

function present(upload: Upload) {
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
