import { setTimeout as sleep } from 'node:timers/promises';
import * as v from 'valibot';
import { type Call, type Handler, HttpError, type Reply, type Routes } from '../../src/http/call.ts';
import { parseInput } from '../../src/http/validation.ts';
import { type Blob, isBlobId } from './blob.ts';
import type { BlobStore } from './blob-store.ts';
import { type CallbackRules, urlProblem } from './callback-url.ts';
import type { BlobImages } from './images.ts';

/** Bytes. */
const MAX_BODY = 64 * 1024;
/** Seconds that a caller may have its answer wait; API Gateway ends a request after 29. */
const MAX_WAIT = 20;
/** Milliseconds between two looks at a blob that is waited for. */
const LOOK_MS = 500;

const bodySchema = v.pipe(
  v.unknown(),
  // An array is an object to valibot.
  v.check((body) => !Array.isArray(body), 'must be a JSON object'),
  v.object({ callback_url: v.nullish(v.string('must be a text')) }, 'must be a JSON object'),
);
const waitSchema = v.pipe(
  v.string(),
  v.regex(/^\d{1,2}(\.\d+)?$/, `must be a number of seconds from 0 to ${MAX_WAIT}`),
  v.toNumber(),
  v.maxValue(MAX_WAIT, `must be at most ${MAX_WAIT} seconds`),
);

/** The calls of the API. Answers and refusals are `{statusCode, body}`, and the HTTP status is the same. */
export function blobRoutes(parts: {
  blobs: BlobStore;
  images: BlobImages;
  callbacks: CallbackRules;
}): Routes {
  const { blobs, images, callbacks } = parts;

  const find = async ({ params }: Call): Promise<Blob> => {
    const blob = isBlobId(params.id ?? '') ? await blobs.find(params.id ?? '') : undefined;
    if (!blob) throw new HttpError(404, 'There is no such blob.');
    return blob;
  };

  return {
    'POST /blobs': enveloped(async (call) => {
      const { callback_url: url } = parseInput(bodySchema, await optionalJson(call));
      const problem = typeof url === 'string' ? urlProblem(url, callbacks) : undefined;
      if (problem !== undefined) throw new HttpError(400, `callback_url: ${problem}`);
      const blob = await blobs.create(url ?? undefined);
      return envelope(201, { id: blob.id, upload_url: await images.uploadUrl(blob) });
    }),

    'GET /blobs/:id': enveloped(async (call) => {
      const wait = call.query.get('timeout');
      const seconds = wait === null ? 0 : parseInput(waitSchema, wait, 'timeout');
      const end = performance.now() + seconds * 1000;
      let blob = await find(call);
      while (!isDone(blob) && performance.now() < end) {
        await sleep(Math.min(LOOK_MS, Math.max(0, end - performance.now())));
        blob = await find(call);
      }
      if (blob.blob_state === 'CREATED') throw new HttpError(428, 'Nothing has been uploaded yet.');
      if (blob.blob_state === 'UPLOADED') throw new HttpError(428, 'The image is not labelled yet.');
      if (blob.label_error !== undefined) throw new HttpError(412, blob.label_error);
      return envelope(200, { labels: blob.found_labels ?? [] });
    }),

    'POST /blobs/:id/upload_url': enveloped(async (call) => {
      const before = await find(call);
      const blob = await blobs.renew(before.id);
      if (!blob) throw new HttpError(404, 'There is no such blob.');
      // After the item has let go of it: what arrives there from now on the labeler deletes.
      await images.removeUpload(before);
      return envelope(200, { id: blob.id, upload_url: await images.uploadUrl(blob) });
    }),

    'DELETE /blobs/:id': enveloped(async (call) => {
      const { id } = await find(call);
      // As long as the item is there, a failure half way can be tried again.
      await images.removeAll(id);
      await blobs.remove(id);
      // What was uploaded between the two; what comes later the labeler deletes.
      await images.removeAll(id);
      return envelope(200, { id });
    }),
  };
}

const isDone = ({ blob_state }: Blob) => blob_state !== 'CREATED' && blob_state !== 'UPLOADED';

const envelope = (statusCode: number, body: object): Reply => ({
  status: statusCode,
  body: { statusCode, body },
});

/** What a caller got wrong, in the envelope too, 422 as 400: its clients know no other. */
function enveloped(handler: Handler): Handler {
  return async (call) => {
    try {
      return await handler(call);
    } catch (error) {
      if (!(error instanceof HttpError) || error.status >= 500) throw error;
      const { status, message, headers } = error;
      return { ...envelope(status === 422 ? 400 : status, { errorMessage: message }), headers };
    }
  };
}

/** @returns an empty object for an empty body */
async function optionalJson(call: Call): Promise<unknown> {
  const bytes = await call.bytes(MAX_BODY);
  if (bytes.length === 0) return {};
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    throw new HttpError(400, 'The body is not JSON in UTF-8.');
  }
}
