import { ConditionalCheckFailedException, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { GetItemCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { itemKey } from '../posts/item.ts';
import type { Photo } from './photo-event.ts';

/** What became of a photo: its labels, or why it was refused. */
export type Outcome = { labels: string[] } | { error: string };

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
    async store(photo: Photo, outcome: Outcome): Promise<boolean> {
      const labelled = 'labels' in outcome;
      try {
        await client.send(
          new UpdateItemCommand({
            TableName: table,
            Key: itemKey(photo.user, photo.id),
            ConditionExpression:
              'attribute_exists(id) AND ' +
              '(attribute_not_exists(#key) OR #key < :key OR (#key = :key AND sequencer <= :sequencer))',
            UpdateExpression:
              'SET #key = :key, sequencer = :sequencer, #status = :status, ' +
              (labelled ? '#labels = :outcome REMOVE #error' : '#error = :outcome REMOVE #labels'),
            ExpressionAttributeNames: {
              '#key': 'key',
              '#status': 'status',
              '#labels': 'labels',
              '#error': 'error',
            },
            ExpressionAttributeValues: {
              ':key': { S: photo.key },
              ':sequencer': { S: photo.sequencer },
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

    /** Whether no post will ever show this photo: its post is gone or has a newer one. Consistent. */
    async isObsolete(photo: Photo): Promise<boolean> {
      const { Item } = await client.send(
        new GetItemCommand({ TableName: table, Key: itemKey(photo.user, photo.id), ConsistentRead: true }),
      );
      return !Item || (Item.key?.S ?? '') > photo.key;
    },
  };
}
