import * as v from 'valibot';
import { HttpError } from '../http/call.ts';
import { postIdSchema } from './post.ts';

const cursorSchema = v.strictTuple([v.nullable(v.string()), postIdSchema]);

/**
 * A cursor names its list and the last post shown. It holds no secret.
 * @param list whose: the name of a user, `#` and a label, or undefined for everybody's
 * @param lastId `POST#<uuid>`
 */
export function encodeCursor(list: string | undefined, lastId: string): string {
  return Buffer.from(JSON.stringify([list ?? null, lastId])).toString('base64url');
}

/**
 * @returns the id of the last post shown
 * @throws HttpError 422 when the cursor is broken or from another list
 */
export function decodeCursor(list: string | undefined, cursor: string): string {
  const parsed = v.safeParse(cursorSchema, parseJson(Buffer.from(cursor, 'base64url').toString()));
  if (!parsed.success) throw new HttpError(422, 'cursor: is broken, take it from the Link header');
  const [named, lastId] = parsed.output;
  if (named !== (list ?? null)) throw new HttpError(422, 'cursor: belongs to another list');
  return lastId;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
