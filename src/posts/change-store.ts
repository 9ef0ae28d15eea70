import {
  ConditionalCheckFailedException,
  type DynamoDBClient,
  GetItemCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { v7 as uuidv7 } from 'uuid';
import type { Change } from './change.ts';
import { fromItem, type Item, itemKey } from './item.ts';
import { imageKey, parseImageKey, renditionFolder, type StoredPost } from './post.ts';

/** Stands after every photo that was signed before it: its key, and where its renditions would be. */
export type PhotoMark = { key: string; folder: string };

/**
 * Changes of posts that are there, each one conditional UpdateItem: none makes a post. All methods throw the SDK's errors.
 * @param table table name
 */
export function createChangeStore(client: DynamoDBClient, table: string) {
  return {
    /**
     * Changes a user's post. Labels are kept with the photo that they are about, beside those of the labeler (`fromItem`).
     * @returns the post as it is now; undefined when there is none, or no photo whose labels could be changed
     */
    async change(user: string, id: string, change: Change): Promise<StoredPost | undefined> {
      const { labels, alt } = change;
      const values = valuesOf(change);
      const set = Object.keys(values).map((name) => `#${name} = :${name}`);
      if (labels) set.push('#editedKey = #key', '#editedSequencer = #sequencer');
      const changed = await update(user, id, {
        UpdateExpression: [set.length > 0 && `SET ${set.join(', ')}`, alt === '' && 'REMOVE #alt']
          .filter(Boolean)
          .join(' '),
        ConditionExpression: `attribute_exists(id)${labels ? ' AND #status = :labelled' : ''}`,
        values: { ...values, ...(labels && { labelled: { S: 'labelled' } }) },
        ReturnValues: 'ALL_NEW',
      });
      return changed?.post;
    },

    /**
     * Takes photo, labels and error off a user's post. What stays is a mark that stands where the key of a photo does: to the
     * labeler a newer photo, so that the event of no photo that was signed by now, late or once more, brings one back.
     * @returns the post that was, and the mark; undefined when there was no post
     */
    async removePhoto(user: string, id: string) {
      for (;;) {
        const before = await photoOf(user, id);
        if (!before) return undefined;
        const mark = markAfter(user, id, before.key);
        const removed = await update(user, id, {
          UpdateExpression: `SET #key = :mark, #status = :none REMOVE ${GONE.map((name) => `#${name}`).join(', ')}`,
          // Not when a photo was stored meanwhile whose key is larger still.
          ConditionExpression: 'attribute_exists(id) AND (attribute_not_exists(#key) OR #key < :mark)',
          values: { mark: { S: mark.key }, none: { S: 'none' } },
          ReturnValues: 'ALL_OLD',
        });
        if (removed) return { ...removed, mark };
      }
    },
  };

  /** @returns the post that the answer shows; undefined when the condition does not hold */
  async function update(user: string, id: string, { values, ...input }: Update) {
    try {
      const { Attributes = {}, $metadata } = await client.send(
        new UpdateItemCommand({
          ...input,
          TableName: table,
          Key: itemKey(user, id),
          // Some names are reserved words.
          ExpressionAttributeNames: namesIn(`${input.UpdateExpression} ${input.ConditionExpression}`),
          // None may be empty.
          ...(Object.keys(values).length > 0 && {
            ExpressionAttributeValues: Object.fromEntries(
              Object.entries(values).map(([name, value]) => [`:${name}`, value]),
            ),
          }),
        }),
      );
      return { post: fromItem(Attributes), $metadata };
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) return undefined;
      throw error;
    }
  }

  async function photoOf(user: string, id: string): Promise<{ key: string | undefined } | undefined> {
    const { Item } = await client.send(
      new GetItemCommand({
        TableName: table,
        Key: itemKey(user, id),
        ConsistentRead: true,
        ProjectionExpression: 'id, #key',
        ExpressionAttributeNames: namesIn('#key'),
      }),
    );
    return Item && { key: Item.key?.S };
  }
}

type Update = {
  UpdateExpression: string;
  ConditionExpression: string;
  /** By their names in the expressions. */
  values: Item;
  ReturnValues: 'ALL_NEW' | 'ALL_OLD';
};

/** What is of a photo. */
const GONE = [
  'sequencer',
  'version',
  'labels',
  'editedLabels',
  'editedKey',
  'editedSequencer',
  'width',
  'height',
  'thumbhash',
  'error',
];

/** What is set by a value that was sent. */
const valuesOf = ({ title, body, alt, labels }: Change): Item => ({
  ...(title !== undefined && { title: { S: title } }),
  ...(body !== undefined && { body: { S: body } }),
  ...(alt && { alt: { S: alt } }),
  ...(labels && { editedLabels: { L: labels.map((S) => ({ S })) } }),
});

const namesIn = (expression: string) =>
  Object.fromEntries(Array.from(expression.matchAll(/#(\w+)/g), ([whole, name = '']) => [whole, name]));

function markAfter(user: string, id: string, key: string | undefined): PhotoMark {
  let photoId = uuidv7();
  // Signed by a process whose clock is ahead.
  if (key !== undefined && key >= imageKey(user, id, photoId, ''))
    photoId = uuidv7({ msecs: timeOf(key) + 1 });
  return { key: imageKey(user, id, photoId, ''), folder: renditionFolder(user, id, photoId, '') };
}

/** When a photo was signed, in ms: the first 48 bits of a uuid v7. */
function timeOf(key: string): number {
  const photo = parseImageKey(key);
  if (!photo) throw new Error('What stands for the photo of a post is not the key of one.');
  return Number.parseInt(photo.photoId.replace('-', '').slice(0, 12), 16);
}
