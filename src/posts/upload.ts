import * as v from 'valibot';
import { HttpError } from '../http/call.ts';
import { parseInput } from '../http/validation.ts';
import { MAX_PHOTO_BYTES } from '../aws/photo-limits.ts';
import { postIdSchema } from './post.ts';

/** What Rekognition reads. */
const PHOTO_TYPES = ['image/jpeg', 'image/png'];

export const filenameSchema = v.pipe(v.string(), v.nonEmpty('must not be empty'));
/** Another type gets 415, not 422. */
export const filetypeSchema = v.pipe(v.string(), v.metadata({ enum: PHOTO_TYPES }));
export const sizeSchema = v.pipe(
  v.string(),
  v.regex(/^[1-9]\d{0,14}$/, 'must be a number of bytes'),
  // More gets 413, not 422.
  v.metadata({ type: 'integer', pattern: undefined, minimum: 1, maximum: MAX_PHOTO_BYTES }),
);

const uploadSchema = v.object(
  {
    postId: postIdSchema,
    filename: filenameSchema,
    filetype: filetypeSchema,
    size: v.optional(sizeSchema),
  },
  'is missing',
);

/**
 * The upload that a query asks for. Its PUT must carry the signed headers: the caller sets `content-type`,
 * `content-length` is set by every HTTP client itself (and must not be by a browser's page).
 * @throws HttpError 422 naming the field, 415 for another type than JPEG or PNG, 413 over 15 MB
 */
export function parseUpload(query: URLSearchParams) {
  const { postId, filename, filetype, size } = parseInput(uploadSchema, Object.fromEntries(query));
  if (!PHOTO_TYPES.includes(filetype)) throw new HttpError(415, 'filetype: must be image/jpeg or image/png');
  if (size !== undefined && Number(size) > MAX_PHOTO_BYTES) {
    throw new HttpError(413, `size: a photo has at most ${MAX_PHOTO_BYTES} bytes`);
  }
  const headers = { 'content-type': filetype };
  const signed = size === undefined ? headers : { ...headers, 'content-length': size };
  return { postId, filename, headers, signed };
}
