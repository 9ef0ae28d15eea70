import { ApiError } from '../call.ts';
import type { Text } from './en.ts';

/** What went wrong, in words for the reader. */
export function explain(error: unknown, text: Text): string {
  if (!(error instanceof ApiError)) return text.errors.unknown;
  if (error.reason !== 'refused') return text.errors[error.reason];
  switch (error.status) {
    case 401:
      return text.errors.signIn;
    case 404:
      return text.errors.notFound;
    case 413:
      return text.errors.tooLarge;
    case 415:
      return text.errors.notPhoto;
    case 429:
    case 502:
    case 503:
    case 504:
      return text.errors.busy;
    default:
      return error.status < 500 && error.detail !== ''
        ? text.errors.invalid(error.detail)
        : text.errors.server;
  }
}
