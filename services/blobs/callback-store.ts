import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { type DynamoDBDocumentClient, QueryCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import * as v from 'valibot';

/** A callback that is due: `callback_tries` tells whether somebody else has begun a try since it was read. */
const dueSchema = v.object({ id: v.string(), webhook_id: v.string(), callback_tries: v.number() });
export type Due = v.InferOutput<typeof dueSchema>;

const claimedSchema = v.object({
  ...dueSchema.entries,
  callback_url: v.string(),
  /** When it is given up, as a date of ISO 8601. */
  give_up: v.string(),
  found_labels: v.optional(v.array(v.string())),
  label_error: v.optional(v.string()),
});
export type Claimed = v.InferOutput<typeof claimedSchema>;

/** Seconds that a try has; a process that dies in it leaves the callback due after that. */
const LEASE = 60;

export type CallbackStore = ReturnType<typeof createCallbackStore>;

/**
 * The state of callbacks on the blobs themselves. A write about one holds only while it is due, so that none raises a
 * deleted blob. All methods throw the SDK's errors.
 * @param table its name
 */
export function createCallbackStore(documents: DynamoDBDocumentClient, table: string) {
  return {
    /** Callbacks whose time has come, pages of them. */
    async *due(now: Date): AsyncGenerator<Due[]> {
      let last: Record<string, unknown> | undefined;
      do {
        const { Items = [], LastEvaluatedKey } = await documents.send(
          new QueryCommand({
            TableName: table,
            IndexName: 'callbacks',
            KeyConditionExpression: 'callback_state = :due AND next_try <= :now',
            ExpressionAttributeValues: { ':due': 'due', ':now': now.toISOString() },
            Limit: 50,
            ExclusiveStartKey: last,
          }),
        );
        last = LastEvaluatedKey;
        yield v.parse(v.array(dueSchema), Items);
      } while (last);
    },

    /**
     * Begins a try, which nobody else begins for a minute. It marks nothing done.
     * @returns undefined when the blob is gone, has another image, or somebody else has begun
     */
    async claim(due: Due, now: Date): Promise<Claimed | undefined> {
      const item = await update(due, 'SET callback_tries = :more, next_try = :next', {
        ':more': due.callback_tries + 1,
        ':next': new Date(now.getTime() + LEASE * 1000).toISOString(),
      });
      return item && v.parse(claimedSchema, item);
    },

    /** The receiver has it. */
    async delivered({ id, webhook_id }: Claimed): Promise<void> {
      try {
        await documents.send(
          new UpdateCommand({
            TableName: table,
            Key: { id },
            // Of whichever try: it has arrived.
            ConditionExpression: 'webhook_id = :webhook',
            UpdateExpression:
              'SET blob_state = :state REMOVE callback_state, next_try, give_up, callback_problem',
            ExpressionAttributeValues: { ':webhook': webhook_id, ':state': 'PROCESSED_WITH_CALLBACK' },
          }),
        );
      } catch (error) {
        if (!(error instanceof ConditionalCheckFailedException)) throw error;
      }
    },

    /** To be tried again. @param problem of this try */
    async postpone(claimed: Claimed, until: Date, problem: string): Promise<void> {
      await update(claimed, 'SET next_try = :next, callback_problem = :problem', {
        ':next': until.toISOString(),
        ':problem': problem,
      });
    },

    /** A dead letter: it stays in the index, under `dead`, with its reason. */
    async bury(claimed: Claimed, now: Date, problem: string): Promise<void> {
      await update(claimed, 'SET callback_state = :dead, next_try = :now, callback_problem = :problem', {
        ':dead': 'dead',
        ':now': now.toISOString(),
        ':problem': problem,
      });
    },
  };

  /** @returns the item, or undefined when this is not the newest try of a callback that is due */
  async function update({ id, webhook_id, callback_tries }: Due, UpdateExpression: string, values: object) {
    try {
      const { Attributes } = await documents.send(
        new UpdateCommand({
          TableName: table,
          Key: { id },
          ConditionExpression: 'callback_state = :due AND webhook_id = :webhook AND callback_tries = :tries',
          UpdateExpression,
          ExpressionAttributeValues: {
            ':due': 'due',
            ':webhook': webhook_id,
            ':tries': callback_tries,
            ...values,
          },
          ReturnValues: 'ALL_NEW',
        }),
      );
      return Attributes;
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) return undefined;
      throw error;
    }
  }
}
