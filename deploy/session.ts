import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { S3Client } from '@aws-sdk/client-s3';
import { STSClient } from '@aws-sdk/client-sts';
import { requireRekognition } from './regions.ts';
import type { Terminal } from './terminal/terminal.ts';
import type { Session } from './commands/up.ts';

/**
 * The clients of a run. Endpoints and credentials come from where the SDK takes them.
 * @param given the region of --region, which wins over the environment and the AWS profile
 * @throws DeployFailure for a region without Rekognition; the SDK's own error when no region is known
 */
export async function openSession(
  root: string,
  terminal: Terminal,
  given: string | undefined,
  interruption: Session['interruption'],
): Promise<Session> {
  // The command line of AWS calls it AWS_DEFAULT_REGION, the SDK AWS_REGION.
  const named = given || process.env.AWS_REGION || process.env.AWS_DEFAULT_REGION;
  const config = named ? { region: named } : {};
  // While a stack is deployed CloudFormation is asked every few seconds, and may throttle an account that is busy.
  const cfn = new CloudFormationClient({ ...config, maxAttempts: 8 });
  const region = await cfn.config.region();
  requireRekognition(region);
  return { root, terminal, region, interruption, cfn, s3: new S3Client(config), sts: new STSClient(config) };
}
