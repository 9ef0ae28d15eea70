import { StandardRetryStrategy } from '@smithy/core/retry';
import type { RetryErrorInfo, StandardRetryToken } from '@smithy/types';

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
}

/** `began`: when the first attempt did, ms. */
type TimelyToken = StandardRetryToken & { began: number };
