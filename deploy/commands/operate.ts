import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { SQSClient } from '@aws-sdk/client-sqs';
import { DeployFailure } from '../cloudformation/failure.ts';
import type { Values } from '../cloudformation/parameters.ts';
import { findStack, stackOutputs, stackResources } from '../cloudformation/stack.ts';
import { stackName } from '../names.ts';
import type { System } from '../system.ts';
import { durationOf } from '../terminal/log-line.ts';
import type { Options } from '../terminal/options.ts';
import { logs } from './logs.ts';
import { deadLetters, relabel } from './relabel.ts';
import { countMissing, relabelMissing } from './render-missing.ts';
import type { Session } from './session.ts';

/** `logs`: what all log groups of the stage's stacks hold, or the one that --of names. */
export async function showLogs(
  session: Session,
  { stage, of, since, follow }: Options,
  system: System,
): Promise<void> {
  const { cfn, region, terminal, interruption } = session;
  const groups: string[] = [];
  for (const { name: part } of system.stacks) {
    const name = stackName(system, part, stage);
    const stack = await findStack(cfn, name);
    const resources = stack ? await stackResources(cfn, name) : [];
    groups.push(
      ...resources.flatMap(({ ResourceType, PhysicalResourceId: group }) =>
        ResourceType === 'AWS::Logs::LogGroup' && group ? [group] : [],
      ),
    );
  }
  const wanted = groups.filter((group) => of === undefined || group.endsWith(`/${of}`));
  if (wanted.length === 0) {
    const known = groups.map((group) => group.split('/').at(-1)).join(', ');
    throw new DeployFailure(
      of === undefined
        ? `The stage ${stage} has no logs in ${region}`
        : `The stage ${stage} has no log "${of}"`,
      known ? `It has: ${known}` : 'Is it deployed? Is this its region?',
    );
  }
  interruption('Logs go on being written.');
  const client = new CloudWatchLogsClient({ region, maxAttempts: 8 });
  await logs({ client, terminal }, wanted, { since: durationOf(since) ?? 0, follow });
}

/** `relabel`: what became a dead letter is given to the labeler again. */
export async function relabelStage(session: Session, options: Options, system: System): Promise<void> {
  const { cfn, region, terminal, interruption } = session;
  const stacks = await Promise.all(
    system.stacks.map(({ name }) => findStack(cfn, stackName(system, name, options.stage))),
  );
  const outputs: Values = Object.assign({}, ...stacks.map(stackOutputs));
  const { DeadLetterQueue: queue, LabelerFunction: labeler } = outputs;
  if (!queue || !labeler) {
    throw new DeployFailure(
      `${system.name} has no labeler with a dead letter queue in ${options.stage}, ${region}`,
    );
  }
  // The labeler may take a minute.
  const lambda = new LambdaClient({ region, requestHandler: { requestTimeout: 90_000 } });
  if (options.missing) return missingOf(session, options, lambda, { ...outputs, labeler });
  const sqs = new SQSClient({ region });
  const { waiting, taken } = await deadLetters(sqs, queue);
  const busy = taken > 0 ? `, and ${taken} more are being tried by somebody` : '';
  terminal.line(`In the dead letter queue of ${options.stage}: about ${waiting} events${busy}`);
  if (options['dry-run']) return;
  // SQS counts approximately, and may say 0 of a queue that has one: the run itself finds out.
  if (!options.yes && !(await terminal.confirm('Label these photos again? Rekognition is paid for each.'))) {
    throw new DeployFailure('Not labelled', 'Nothing was changed.');
  }
  interruption(
    'An event that was not labelled is in the queue again after 15 minutes. Run the same command again.',
  );
  await relabel({ sqs, lambda, terminal }, { queue, labeler });
}

/** `relabel --missing`: photos from before there were renditions get theirs, and posts from before they were found by labels are. */
async function missingOf(
  { dynamodb, terminal, interruption }: Session,
  options: Options,
  lambda: LambdaClient,
  { Table: table, Bucket: bucket, labeler = '' }: Values,
): Promise<void> {
  if (!table || !bucket) throw new DeployFailure(`${options.stage} has no posts with photos`);
  const places = { table, bucket, labeler };
  terminal.line(
    `Photos without renditions, or not found by their labels, in ${options.stage}: ${await countMissing({ dynamodb }, places)}`,
  );
  if (options['dry-run']) return;
  if (
    !options.yes &&
    !(await terminal.confirm('Make what is missing? Rekognition is not asked, labels stay.'))
  ) {
    throw new DeployFailure('Not made', 'Nothing was changed.');
  }
  interruption('What was made stays. Run the same command again for the rest.');
  await relabelMissing({ dynamodb, lambda, terminal }, places);
}
