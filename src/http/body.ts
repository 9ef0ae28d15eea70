import { HttpError } from './call.ts';

const MAX_BODY = 64 * 1024;

/** A client reads an answer only after it has sent its body: this much of a body that is too long is read and dropped. */
const MAX_DROPPED = 4 * 1024 * 1024;

/**
 * Reads a JSON body of at most 64 KiB.
 * @throws HttpError 400 when it is not JSON in UTF-8, 413 when it is too long (the connection closes after the answer)
 */
export async function readJson(body: AsyncIterable<Buffer>): Promise<unknown> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of body) {
    length += chunk.length;
    if (length <= MAX_BODY) chunks.push(chunk);
    else if (length > MAX_DROPPED) break;
  }
  if (length > MAX_BODY) {
    throw new HttpError(413, `The body is longer than ${MAX_BODY} bytes.`, { connection: 'close' });
  }
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(chunks)));
  } catch {
    throw new HttpError(400, 'The body is not JSON in UTF-8.');
  }
}
