import type { IncomingMessage } from 'node:http';
import * as v from 'valibot';
import { Busy } from './detector-thread.ts';
import { RekognitionError, tooLarge } from './rekognition-error.ts';

/** Rekognition's limits: 5 MB in the request (bytes), 55 % unless asked otherwise. */
const MAX_INLINE_BYTES = 5 * 1024 * 1024;
const DEFAULT_MIN_CONFIDENCE = 55;
/** 5 MB in base64, and what stands around it. */
const MAX_REQUEST_BYTES = 8 * 1024 * 1024;
/** Of all requests together; who comes beyond that is sent away to come back. */
const MAX_HELD_BYTES = 4 * MAX_REQUEST_BYTES;

const S3Object = v.object({ Bucket: v.string(), Name: v.string(), Version: v.optional(v.string()) });
const DetectLabels = v.object({
  Image: v.object({
    Bytes: v.optional(v.string()),
    S3Object: v.optional(S3Object),
  }),
  MaxLabels: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0)), 1000),
  MinConfidence: v.optional(v.pipe(v.number(), v.minValue(0), v.maxValue(100)), DEFAULT_MIN_CONFIDENCE),
});

export type ObjectPlace = v.InferOutput<typeof S3Object>;

/**
 * @param mine counts the bytes that this request holds
 * @param held counts those of all
 * @throws RekognitionError, or Busy when all hold too many
 */
export async function readBody(
  req: IncomingMessage,
  mine: { bytes: number },
  held: { bytes: number },
): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  let busy = false;
  const pieces: AsyncIterable<Buffer> = req;
  for await (const chunk of pieces) {
    size += chunk.length;
    busy ||= held.bytes + chunk.length > MAX_HELD_BYTES;
    // What is refused is read to its end all the same, so that the client gets to read the answer.
    if (busy || size > MAX_REQUEST_BYTES) continue;
    chunks.push(chunk);
    mine.bytes += chunk.length;
    held.bytes += chunk.length;
  }
  if (size > MAX_REQUEST_BYTES)
    throw new RekognitionError('ImageTooLargeException', 'Image size is too large.');
  if (busy) throw new Busy('Too many photos wait for labels.');
  return Buffer.concat(chunks);
}

export function parseRequest(text: string) {
  try {
    const result = v.safeParse(DetectLabels, JSON.parse(text));
    if (result.success) return result.output;
    throw new RekognitionError('InvalidParameterException', 'Request has invalid parameters');
  } catch (error) {
    if (error instanceof SyntaxError) throw new RekognitionError('SerializationException', 'Not JSON.');
    throw error;
  }
}

/** The image that a request carries itself. */
export function inline(bytes: string | undefined): Buffer {
  if (bytes === undefined) throw new RekognitionError('InvalidParameterException', 'Request has no image');
  const image = Buffer.from(bytes, 'base64');
  if (image.length > MAX_INLINE_BYTES) throw tooLarge();
  return image;
}
