import { setTimeout } from 'node:timers/promises';
import {
  isServerError,
  isThrottlingError,
  isTransientError,
  StandardRetryStrategy,
} from '@smithy/core/retry';
import type { MetadataBearer, RetryErrorInfo, SdkError, StandardRetryToken } from '@smithy/types';

/** The SDK's own default for S3; DynamoDB's would be four. */
export const MAX_ATTEMPTS = 3;

/**
 * Past this time no further attempt is made, in ms: less than a connection may take, so that what timed out is not tried
 * again, and somebody waits for one time limit and not for three.
 */
const RETRY_WITHIN = 1_500;

/**
 * The SDK's retries (three attempts, exponential back-off, none at all while most calls fail) with an end in time.
 */
export class TimelyRetry extends StandardRetryStrategy {
  readonly #now: () => number;

  /**
   * @param baseDelay of the back-off, ms
   * @param now clock in ms
   */
  constructor(baseDelay: number, now: () => number = () => performance.now()) {
    super({ maxAttempts: MAX_ATTEMPTS, baseDelay });
    this.#now = now;
  }

  override async acquireInitialRetryToken(scope: string): Promise<TimelyToken> {
    return Object.assign(await super.acquireInitialRetryToken(scope), { began: this.#now() });
  }

  override async refreshRetryTokenForRetry(token: TimelyToken, error: RetryErrorInfo): Promise<TimelyToken> {
    const { began } = token;
    if (this.#now() - began >= RETRY_WITHIN) throw new Error('Too late for another attempt');
    return Object.assign(await super.refreshRetryTokenForRetry(token, error), { began });
  }

  /**
   * Attempts a call as the SDK's middleware does.
   * @throws the error of the last attempt
   */
  async run<Result extends { output: MetadataBearer }>(attempt: () => Promise<Result>): Promise<Result> {
    let token = await this.acquireInitialRetryToken('');
    for (;;) {
      try {
        const result = await attempt();
        this.recordSuccess(token);
        result.output.$metadata.attempts = token.getRetryCount() + 1;
        return result;
      } catch (error) {
        const next = await this.refreshRetryTokenForRetry(token, reasonOf(error)).catch(() => undefined);
        if (!next) throw error;
        token = next;
        await setTimeout(token.getRetryDelay());
      }
    }
  }
}

/** `began`: when the first attempt did, ms. */
type TimelyToken = StandardRetryToken & { began: number };

/** What kind of failure an error is, in the SDK's own order. */
function reasonOf(cause: unknown): RetryErrorInfo {
  // The SDK's own questions, which look at fields that any error may have or lack.
  const error = cause as SdkError;
  if (isThrottlingError(error)) return { error, errorType: 'THROTTLING' };
  if (isTransientError(error)) return { error, errorType: 'TRANSIENT' };
  return { error, errorType: isServerError(error) ? 'SERVER_ERROR' : 'CLIENT_ERROR' };
}
