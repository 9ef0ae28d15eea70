import { ConditionalCheckFailedException, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { GetItemCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { itemKey } from '../posts/item.ts';
import type { PhotoType } from '../posts/post.ts';
import type { Outcome } from '../aws/detect-labels.ts';
import type { Photo } from './photo-event.ts';

/**
 * How a photo stands to its post. `labelled`, `failed`: that was stored of this very write. `obsolete`: no post will
 * ever show it. `overwritten`: nor this one, but under its key lies what was written later.
 */
export type Standing = 'open' | 'labelled' | 'failed' | 'obsolete' | 'overwritten';

/** How a photo stands whose key was written once more: a bucket that keeps no versions has only the later one. */
export const replaced = ({ version }: Photo): Standing => (version ? 'obsolete' : 'overwritten');

export type OutcomeStore = ReturnType<typeof createOutcomeStore>;

/**
 * The labeler's side of the posts table. All methods throw the SDK's errors.
 * @param table table name
 */
export function createOutcomeStore(client: DynamoDBClient, table: string) {
  return {
    /**
     * Stores what became of a photo, unless its post is gone (an update would create it anew) or has a newer photo:
     * one with a larger key, or the same key written later.
     * @returns false when it was refused
     */
    async store(photo: Photo, outcome: Outcome, type: PhotoType): Promise<boolean> {
      const labelled = 'labels' in outcome;
      const { version } = photo;
      try {
        await client.send(
          new UpdateItemCommand({
            TableName: table,
            Key: itemKey(photo.user, photo.id),
            ConditionExpression:
              'attribute_exists(id) AND ' +
              '(attribute_not_exists(#key) OR #key < :key OR (#key = :key AND sequencer <= :sequencer))',
            UpdateExpression:
              `SET #key = :key, sequencer = :sequencer, #type = :type, #status = :status, ` +
              `${version ? '#version = :version, ' : ''}${labelled ? '#labels' : '#error'} = :outcome ` +
              `REMOVE ${labelled ? '#error' : '#labels'}${version ? '' : ', #version'}`,
            ExpressionAttributeNames: {
              '#key': 'key',
              '#version': 'version',
              '#type': 'type',
              '#status': 'status',
              '#labels': 'labels',
              '#error': 'error',
            },
            ExpressionAttributeValues: {
              ':key': { S: photo.key },
              ':sequencer': { S: photo.sequencer },
              ...(version && { ':version': { S: version } }),
              ':type': { S: type },
              ':status': { S: labelled ? 'labelled' : 'failed' },
              ':outcome': labelled ? { L: outcome.labels.map((S) => ({ S })) } : { S: outcome.error },
            },
          }),
        );
        return true;
      } catch (error) {
        if (error instanceof ConditionalCheckFailedException) return false;
        throw error;
      }
    },

    /** How a photo stands to its post. Consistent. */
    async standing(photo: Photo): Promise<Standing> {
      const { Item } = await client.send(
        new GetItemCommand({ TableName: table, Key: itemKey(photo.user, photo.id), ConsistentRead: true }),
      );
      const key = Item?.key?.S ?? '';
      const sequencer = Item?.sequencer?.S ?? '';
      if (!Item || key > photo.key) return 'obsolete';
      if (key < photo.key) return 'open';
      if (sequencer > photo.sequencer) return replaced(photo);
      const isThis = sequencer === photo.sequencer && photo.version && Item.version?.S === photo.version;
      if (!isThis) return 'open';
      return Item.status?.S === 'failed' ? 'failed' : 'labelled';
    },
  };
}
