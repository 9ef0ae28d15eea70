import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { type DynamoDBDocumentClient, GetCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import * as v from 'valibot';
import type { Outcome } from '../../src/aws/detect-labels.ts';
import { blobSchema } from './blob.ts';
import { OF_THE_IMAGE } from './blob-store.ts';

/** One write of an image. */
export type Upload = { id: string; upload: string; sequencer: string };

/**
 * How an upload stands to its blob. `open`: to be labelled. `done`: that was stored of this very write, or of a later one
 * under its key. `refused`: that was stored of this very write, and it cannot be labelled. `obsolete`: the blob is gone, or
 * waits for another image.
 */
export type Standing = 'open' | 'done' | 'refused' | 'obsolete';

export type OutcomeStore = ReturnType<typeof createOutcomeStore>;

/** Seconds for which failed callbacks are tried again. */
const GIVE_UP_AFTER = 24 * 60 * 60;
/** Seconds after which a callback is tried without the stream, should that not have done it. */
const FIRST_LOOK = 60;

/** The labeler's side of the table. All methods throw the SDK's errors. @param table its name */
export function createOutcomeStore(documents: DynamoDBDocumentClient, table: string) {
  return {
    /** Notes that an image has arrived, unless its blob has it already: an event that comes again changes nothing. */
    async arrived({ id, upload, sequencer }: Upload): Promise<Standing> {
      const isNew = await update(id, {
        ConditionExpression:
          'upload = :upload AND (attribute_not_exists(sequencer) OR sequencer < :sequencer OR ' +
          '(sequencer = :sequencer AND blob_state = :uploaded))',
        // An update names an attribute once.
        UpdateExpression:
          'SET blob_state = :uploaded, sequencer = :sequencer ' +
          `REMOVE ${OF_THE_IMAGE.replace('sequencer, ', '')}`,
        ExpressionAttributeValues: { ':upload': upload, ':sequencer': sequencer, ':uploaded': 'UPLOADED' },
      });
      return isNew ? 'open' : standing({ id, upload, sequencer });
    },

    /**
     * Stores what became of an image, and that its callback is due, in one write.
     * @returns how the upload stood if that was refused
     */
    async store({ id, upload, sequencer }: Upload, outcome: Outcome): Promise<Standing> {
      const { Item } = await documents.send(
        new GetCommand({ TableName: table, Key: { id }, ConsistentRead: true }),
      );
      const hasCallback = Item?.callback_url !== undefined;
      const now = Date.now();
      const stored = await update(id, {
        ConditionExpression: 'upload = :upload AND sequencer = :sequencer AND blob_state = :uploaded',
        UpdateExpression:
          `SET blob_state = :processed, ${'labels' in outcome ? 'found_labels' : 'label_error'} = :outcome` +
          (hasCallback
            ? ', callback_state = :due, webhook_id = :webhook, next_try = :next, give_up = :end, callback_tries = :none'
            : ''),
        ExpressionAttributeValues: {
          ':upload': upload,
          ':sequencer': sequencer,
          ':uploaded': 'UPLOADED',
          ':processed': 'PROCESSED',
          ':outcome': 'labels' in outcome ? outcome.labels : outcome.error,
          ...(hasCallback && {
            ':due': 'due',
            // The same for every try of this image's callback, and another for the next image's.
            ':webhook': `${upload}-${sequencer}`,
            ':next': new Date(now + FIRST_LOOK * 1000).toISOString(),
            ':end': new Date(now + GIVE_UP_AFTER * 1000).toISOString(),
            ':none': 0,
          }),
        },
      });
      return stored ? ('error' in outcome ? 'refused' : 'done') : standing({ id, upload, sequencer });
    },
  };

  async function standing({ id, upload, sequencer }: Upload): Promise<Standing> {
    const { Item } = await documents.send(
      new GetCommand({ TableName: table, Key: { id }, ConsistentRead: true }),
    );
    const blob = Item && v.parse(blobSchema, Item);
    if (blob?.upload !== upload) return 'obsolete';
    return blob.label_error !== undefined && blob.sequencer === sequencer ? 'refused' : 'done';
  }

  /** @returns false when the condition did not hold */
  async function update(
    id: string,
    input: Omit<ConstructorParameters<typeof UpdateCommand>[0], 'TableName' | 'Key'>,
  ): Promise<boolean> {
    try {
      await documents.send(new UpdateCommand({ TableName: table, Key: { id }, ...input }));
      return true;
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) return false;
      throw error;
    }
  }
}
