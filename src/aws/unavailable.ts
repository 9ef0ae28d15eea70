import { isServerError, isThrottlingError, isTransientError } from '@smithy/core/retry';
import type { SdkError } from '@smithy/types';
import { CallsFull } from './limit.ts';

/** What S3 says of single objects that it failed to delete, in an answer of 200. */
const FAILED_OBJECT = ['InternalError', 'ServiceUnavailable', 'SlowDown'];

/**
 * Whether an error says that AWS cannot answer now: it is not reached, takes too long, throttles, or fails by itself (5xx).
 * What it refuses, such as a call that is not allowed or a table that is not there, is our mistake and stays one.
 */
export function isUnavailable(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  // The SDK's own questions, which look at fields that any error may have or lack.
  const failure = error as SdkError;
  return (
    error instanceof CallsFull ||
    isThrottlingError(failure) ||
    isTransientError(failure) ||
    isServerError(failure) ||
    FAILED_OBJECT.includes(error.name) ||
    // An answer that broke off or came to a halt, which the SDK does not look at.
    ('code' in error && String(error.code).startsWith('UND_ERR_'))
  );
}
