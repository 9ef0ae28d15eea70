import { isUtf8 } from 'node:buffer';
import type { IncomingHttpHeaders } from 'node:http';
import { HttpError } from '../http/call.ts';
import { parseInput } from '../http/validation.ts';
import type { Caller, Identity } from './identity.ts';
import { userNameSchema } from './user-name.ts';

/** Callers say their name, and are believed. */
export const plain: Identity = { verified: false, callerOf };

/**
 * Who is calling: the plain text of the `authorization` header.
 * @throws HttpError 401 without a name, 422 when the name is not a valid one
 */
function callerOf(headers: IncomingHttpHeaders): Caller {
  const name = headers.authorization;
  if (!name) {
    throw new HttpError(401, 'Say who you are: put your user name in the authorization header.', {
      'www-authenticate': 'UserName realm="postagram"',
    });
  }
  return { name: parseInput(userNameSchema, decodeHeader(name), 'authorization'), groups: [] };
}

/** Node hands headers over as latin-1. curl sends a terminal's UTF-8 bytes, browsers send latin-1: both mean one name. */
function decodeHeader(value: string): string {
  const bytes = Buffer.from(value, 'latin1');
  return isUtf8(bytes) ? bytes.toString('utf8') : value;
}
