import { GetCallerIdentityCommand } from '@aws-sdk/client-sts';
import type { STSClient } from '@aws-sdk/client-sts';

/** Whose account the credentials open; the first call of a run, so that missing or expired ones show at once. */
export async function accountOf(sts: STSClient): Promise<{ account: string; partition: string }> {
  const { Account = '', Arn = '' } = await sts.send(new GetCallerIdentityCommand({}));
  return { account: Account, partition: Arn.split(':')[1] ?? 'aws' };
}

/** The ARN of a role given by name or already by ARN; an empty one stays empty. */
export function roleArn(
  role: string,
  { account, partition }: { account: string; partition: string },
): string {
  return role === '' || role.startsWith('arn:') ? role : `arn:${partition}:iam::${account}:role/${role}`;
}
