import { STATUS_CODES } from 'node:http';
import type { HttpError, Reply } from './call.ts';

/** An error as a problem document (RFC 9457). */
export function problem({ status, message, headers }: HttpError): Reply {
  return {
    status,
    headers: { ...headers, 'content-type': 'application/problem+json; charset=utf-8' },
    body: {
      title: STATUS_CODES[status] ?? 'Error',
      status,
      detail: message,
      message,
      // What the assignment's service says of input that is not valid.
      ...(status === 422 && { status_code: 10422, data: null }),
    },
  };
}
