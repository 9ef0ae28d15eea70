import { InvokeCommand } from '@aws-sdk/client-lambda';
import type { LambdaClient } from '@aws-sdk/client-lambda';
import {
  ChangeMessageVisibilityCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
} from '@aws-sdk/client-sqs';
import type { Message, SQSClient } from '@aws-sdk/client-sqs';
import { DeployFailure } from '../cloudformation/failure.ts';
import type { Terminal } from '../terminal/terminal.ts';

/** Events of one run. What is left waits for the next. */
const mostEvents = 1_000;

/** Seconds for which nobody else sees an event that is being labelled: a page of ten, each up to the labeler's 60. */
const hiddenSeconds = 15 * 60;

/** Seconds a look at the queue waits for an event: a short one may miss what is there. */
const waitSeconds = 2;

interface Places {
  /** URL of the dead letter queue. */
  queue: string;
  /** Name of the function that the events were for. */
  labeler: string;
}

interface Clients {
  sqs: SQSClient;
  lambda: LambdaClient;
  terminal: Terminal;
}

/**
 * Gives the events in the dead letter queue to the labeler again, one after another. An event that is labelled leaves the
 * queue; one that fails again stays there, with the time it has left of its 14 days.
 * @returns how many were labelled, and how many failed again
 * @throws DeployFailure when any failed, once all were tried
 */
export async function relabel(clients: Clients, places: Places): Promise<{ labelled: number }> {
  const { sqs, terminal } = clients;
  const QueueUrl = places.queue;
  const failed = new Map<string, { message: Message; reason: string }>();
  let labelled = 0;
  const progress = terminal.progress('looking into the dead letter queue');
  try {
    for (;;) {
      const messages = await receive(sqs, QueueUrl, mostEvents - labelled - failed.size);
      // One that failed comes back when the run lasts longer than it was hidden, under a handle of its own.
      for (const message of messages) {
        const before = failed.get(message.MessageId ?? '');
        if (before) before.message = message;
      }
      const fresh = messages.filter(({ MessageId = '' }) => !failed.has(MessageId));
      if (fresh.length === 0) break;
      for (const message of fresh) {
        const reason = await label(clients, places.labeler, message);
        if (reason === undefined) {
          await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: message.ReceiptHandle }));
          labelled++;
        } else failed.set(message.MessageId ?? '', { message, reason });
        progress.say(`labelled ${labelled}${failed.size > 0 ? `, failed again: ${failed.size}` : ''}`);
      }
    }
  } finally {
    progress.stop();
    for (const { message } of failed.values()) await show(sqs, QueueUrl, message);
  }
  terminal.line(`Labelled again: ${labelled}. Failed again, and still in the queue: ${failed.size}.`);
  const [first] = failed.values();
  if (first) {
    throw new DeployFailure(
      `${failed.size} of ${labelled + failed.size} events failed again, the first with: ${first.reason}`,
      'What the labeler says of them: npx tsx deploy.ts logs --of labeler, with the same --stage and --region',
    );
  }
  return { labelled };
}

/** How many events wait, and how many are being looked at by somebody. SQS counts approximately. */
export async function deadLetters(
  sqs: SQSClient,
  queue: string,
): Promise<{ waiting: number; taken: number }> {
  const { Attributes = {} } = await sqs.send(
    new GetQueueAttributesCommand({
      QueueUrl: queue,
      AttributeNames: ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'],
    }),
  );
  return {
    waiting: Number(Attributes.ApproximateNumberOfMessages ?? 0),
    taken: Number(Attributes.ApproximateNumberOfMessagesNotVisible ?? 0),
  };
}

async function receive(sqs: SQSClient, QueueUrl: string, room: number): Promise<Message[]> {
  if (room <= 0) return [];
  const { Messages = [] } = await sqs.send(
    new ReceiveMessageCommand({
      QueueUrl,
      MaxNumberOfMessages: Math.min(room, 10),
      VisibilityTimeout: hiddenSeconds,
      WaitTimeSeconds: waitSeconds,
    }),
  );
  return Messages;
}

/**
 * The body of a dead letter is the event as it was:
 * https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html
 * @returns why it failed; undefined when it did not
 */
async function label(clients: Clients, labeler: string, { Body = '' }: Message): Promise<string | undefined> {
  // Whoever may send to the queue may have sent something else.
  return isEvent(Body) ? invoke(clients, labeler, Body) : 'it is no event of S3';
}

/**
 * Calls the labeler and waits for its end.
 * @param event JSON
 * @returns why it failed; undefined when it did not
 */
export async function invoke(
  { lambda }: Pick<Clients, 'lambda'>,
  FunctionName: string,
  event: string,
): Promise<string | undefined> {
  const { FunctionError, Payload } = await lambda.send(
    // Waits for the answer: called as S3 calls it, the function would be tried three times and put the event back.
    new InvokeCommand({ FunctionName, InvocationType: 'RequestResponse', Payload: Buffer.from(event) }),
  );
  return FunctionError === undefined ? undefined : errorMessage(Buffer.from(Payload ?? []).toString());
}

function isEvent(body: string): boolean {
  try {
    const value: unknown = JSON.parse(body);
    return typeof value === 'object' && value !== null && 'Records' in value;
  } catch {
    return false;
  }
}

function errorMessage(payload: string): string {
  try {
    const { errorMessage: message } = JSON.parse(payload) as { errorMessage?: unknown };
    return String(message ?? payload);
  } catch {
    return payload;
  }
}

/** Shows an event to others again. Should that fail, it shows by itself when its time is over. */
async function show(sqs: SQSClient, QueueUrl: string, { ReceiptHandle }: Message): Promise<void> {
  await sqs
    .send(new ChangeMessageVisibilityCommand({ QueueUrl, ReceiptHandle, VisibilityTimeout: 0 }))
    .catch(() => undefined);
}
