import * as v from 'valibot';
import { openCallbacks } from './callbacks.ts';

const { deliver } = openCallbacks();

const eventSchema = v.object({
  Records: v.array(
    v.object({
      dynamodb: v.object({
        SequenceNumber: v.string(),
        Keys: v.object({ id: v.object({ S: v.string() }) }),
        NewImage: v.optional(
          v.object({
            callback_state: v.optional(v.object({ S: v.string() })),
            webhook_id: v.optional(v.object({ S: v.string() })),
            callback_tries: v.optional(v.object({ N: v.string() })),
          }),
        ),
      }),
    }),
  ),
});

/** The Lambda: changes of blobs → the first try of the callbacks that have become due. */
export const handler = async (event: unknown) => {
  const records = v.parse(eventSchema, event).Records.map(({ dynamodb }) => dynamodb);
  const results = await Promise.allSettled(
    records.map(async ({ Keys, NewImage = {} }) => {
      const { callback_state: state, webhook_id: webhook, callback_tries: tries } = NewImage;
      // Later tries are the retrier's.
      if (state?.S !== 'due' || tries?.N !== '0' || !webhook) return;
      await deliver({ id: Keys.id.S, webhook_id: webhook.S, callback_tries: 0 });
    }),
  );
  return {
    batchItemFailures: records.flatMap(({ SequenceNumber: itemIdentifier }, i) =>
      results[i]?.status === 'rejected' ? [{ itemIdentifier }] : [],
    ),
  };
};
