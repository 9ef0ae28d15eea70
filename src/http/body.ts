import { HttpError } from './call.ts';

const MAX_BODY = 64 * 1024;

/** A client reads an answer only after it has sent its body: this much of a body that is too long is read and dropped. */
const MAX_DROPPED = 4 * 1024 * 1024;

/**
 * Reads a JSON body of at most 64 KiB.
 * @throws HttpError 400 when it is not JSON in UTF-8, 413 when it is too long (the connection closes after the answer)
 */
export async function readJson(body: AsyncIterable<Buffer>): Promise<unknown> {
  const bytes = await readBytes(body, MAX_BODY);
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    throw new HttpError(400, 'The body is not JSON in UTF-8.');
  }
}

/**
 * Reads a body as it is.
 * @param limit bytes it may have
 * @throws HttpError 413 when it is longer (the connection closes after the answer)
 */
export async function readBytes(body: AsyncIterable<Buffer>, limit: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of body) {
    length += chunk.length;
    if (length <= limit) chunks.push(chunk);
    else if (length > limit + MAX_DROPPED) break;
  }
  if (length > limit) {
    throw new HttpError(413, `The body is longer than ${limit} bytes.`, { connection: 'close' });
  }
  return Buffer.concat(chunks, length);
}
