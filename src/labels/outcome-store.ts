import { ConditionalCheckFailedException, GetItemCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import type { AttributeValue, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { itemKey } from '../posts/item.ts';
import type { Rendering } from '../renditions/render.ts';
import type { Photo } from './photo-event.ts';

/** What became of a photo: its labels and pixels, its pixels alone, or why it was refused. */
export type Outcome = { error: string } | (Pixels & { labels?: string[] });

type Pixels = Pick<Rendering, 'width' | 'height' | 'thumbhash' | 'renditions'>;

/**
 * How a photo stands to its post. `labelled`, `failed`: that was stored of this very write; `unrendered`: its labels alone, before
 * there were renditions. `obsolete`: no post will ever show it. `overwritten`: nor this one, but under its key lies what was
 * written later.
 */
export type Standing = 'open' | 'labelled' | 'unrendered' | 'failed' | 'obsolete' | 'overwritten';

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
     * one with a larger key, or the same key written later. What was refused once stays refused: its pixels are deleted.
     * @returns false when it was refused
     */
    async store(photo: Photo, outcome: Outcome): Promise<boolean> {
      try {
        await client.send(
          new UpdateItemCommand({
            TableName: table,
            Key: itemKey(photo.user, photo.id),
            ConditionExpression:
              'attribute_exists(id) AND (attribute_not_exists(#key) OR #key < :key OR ' +
              '(#key = :key AND (sequencer < :sequencer OR (sequencer = :sequencer AND #status <> :failed))))',
            ...updateOf({
              key: { S: photo.key },
              sequencer: { S: photo.sequencer },
              version: photo.version === undefined ? undefined : { S: photo.version },
              ...attributesOf(outcome),
            }),
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
      const isThis = sequencer === photo.sequencer && Item.version?.S === photo.version;
      if (!isThis) return 'open';
      if (Item.status?.S === 'failed') return 'failed';
      return Item.width ? 'labelled' : 'unrendered';
    },
  };
}

type Attributes = Record<string, AttributeValue | undefined>;

/** @returns undefined for attributes that there are no longer */
function attributesOf(outcome: Outcome): Attributes {
  if ('error' in outcome)
    return {
      status: { S: 'failed' },
      error: { S: outcome.error },
      ...Object.fromEntries(['labels', 'width', 'height', 'thumbhash'].map((name) => [name, undefined])),
    };
  const { labels, width, height, thumbhash } = outcome;
  return {
    status: { S: 'labelled' },
    error: undefined,
    width: { N: String(width) },
    height: { N: String(height) },
    thumbhash: { S: thumbhash },
    ...(labels && { labels: { L: labels.map((S) => ({ S })) } }),
  };
}

/** Sets and removes attributes, whose names may be reserved words; the condition of `store` uses some of them. */
function updateOf(attributes: Attributes) {
  const set = Object.entries(attributes).filter(([, value]) => value !== undefined);
  const removed = Object.keys(attributes).filter((name) => attributes[name] === undefined);
  return {
    UpdateExpression:
      `SET ${set.map(([name]) => `#${name} = :${name}`).join(', ')} ` +
      `REMOVE ${removed.map((name) => `#${name}`).join(', ')}`,
    ExpressionAttributeNames: Object.fromEntries(Object.keys(attributes).map((name) => [`#${name}`, name])),
    ExpressionAttributeValues: {
      ...Object.fromEntries(set.map(([name, value]) => [`:${name}`, value])),
      ':failed': { S: 'failed' },
    },
  };
}
