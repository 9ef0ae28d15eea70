import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import { STSClient } from '@aws-sdk/client-sts';
import type { Cloud } from '../cloudformation/stack.ts';
import { requireRekognition } from '../regions.ts';
import type { System } from '../system.ts';
import type { Terminal } from '../terminal/terminal.ts';

/** The clients and the place of a run. */
export interface Session extends Cloud {
  s3: S3Client;
  dynamodb: DynamoDBClient;
  sts: STSClient;
  root: string;
}

/**
 * The clients of a run. Endpoints and credentials come from where the SDK takes them.
 * @param given the region of --region, which wins over the environment and the AWS profile
 * @throws DeployFailure for a region that lacks what the system needs; the SDK's own error when no region is known
 */
export async function openSession(
  root: string,
  terminal: Terminal,
  system: System,
  given: string | undefined,
  interruption: Session['interruption'],
): Promise<Session> {
  // The command line of AWS calls it AWS_DEFAULT_REGION, the SDK AWS_REGION.
  const named = given || process.env.AWS_REGION || process.env.AWS_DEFAULT_REGION;
  const config = named ? { region: named } : {};
  // While a stack is deployed CloudFormation is asked every few seconds, and may throttle an account that is busy.
  const cfn = new CloudFormationClient({ ...config, maxAttempts: 8 });
  const region = await cfn.config.region();
  if (system.labels) requireRekognition(region);
  const clients = {
    cfn,
    s3: new S3Client(config),
    dynamodb: new DynamoDBClient(config),
    sts: new STSClient(config),
  };
  return { root, terminal, region, interruption, ...clients };
}
