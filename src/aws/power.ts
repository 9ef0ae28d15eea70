import { AutoScalingClient } from '@aws-sdk/client-auto-scaling';
import { EC2Client } from '@aws-sdk/client-ec2';
import { UndiciHttpHandler } from '@smithy/undici-http-handler';
import { MAX_ATTEMPTS, TimelyRetry } from './retry.ts';

/** What starts and stops machines answers in seconds: two timeouts fit into the 29 s that API Gateway waits. */
const options = (region: string) => ({
  region,
  requestHandler: new UndiciHttpHandler({
    dispatcher: { connect: { timeout: 2_000 }, headersTimeout: 10_000, bodyTimeout: 10_000 },
  }),
  maxAttempts: MAX_ATTEMPTS,
  retryStrategy: new TimelyRetry(100),
});

export const createEc2 = (region: string): EC2Client => new EC2Client(options(region));

export const createAutoScaling = (region: string): AutoScalingClient =>
  new AutoScalingClient(options(region));
