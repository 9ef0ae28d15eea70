import {
  ConditionalCheckFailedException,
  type DynamoDBClient,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { v7 as uuidv7 } from 'uuid';
import type { Change } from './change.ts';
import { fromItem, type Item, itemKey, namesIn } from './item.ts';
import type { LabelIndex, Relabelling } from './label-index.ts';
import { imageKey, parseImageKey, renditionFolder, type StoredPost } from './post.ts';

/** Stands after every photo that was signed before it: its key, and where its renditions would be. */
export type PhotoMark = { key: string; folder: string };

/**
 * Changes of posts that are there, each one conditional UpdateItem: none makes a post. All methods throw the SDK's errors.
 * @param table table name
 */
export function createChangeStore(client: DynamoDBClient, table: string, index: LabelIndex) {
  return {
    /**
     * Changes a user's post. Labels are kept with the photo that they are about, beside those of the labeler (`fromItem`).
     * @returns the post as it is now; undefined when there is none, or no photo whose labels could be changed
     */
    async change(user: string, id: string, change: Change): Promise<StoredPost | undefined> {
      const { labels, alt } = change;
      const values = valuesOf(change);
      const set = Object.keys(values).map((name) => `#${name} = :${name}`);
      const remove = alt === '' ? ['alt'] : [];
      if (!labels) return updateWords(user, id, { set, remove, values });
      const changed = await index.relabel(user, id, ({ status }) =>
        status?.S === 'labelled'
          ? {
              set: [...set, '#editedKey = #key', '#editedSequencer = #sequencer'],
              remove,
              condition: '#status = :labelled',
              values: { ...values, labelled: { S: 'labelled' } },
              labels,
              ReturnValues: 'ALL_NEW',
            }
          : undefined,
      );
      return changed?.Attributes && fromItem(changed.Attributes);
    },

    /**
     * Takes photo, labels and error off a user's post. What stays is a mark that stands where the key of a photo does: to the
     * labeler a newer photo, so that the event of no photo that was signed by now, late or once more, brings one back.
     * @returns the post that was, and the mark; undefined when there was no post
     */
    async removePhoto(user: string, id: string) {
      let mark: PhotoMark | undefined;
      const removed = await index.relabel(user, id, ({ key }) => {
        mark = markAfter(user, id, key?.S);
        return {
          set: ['#key = :mark', '#status = :none'],
          remove: GONE,
          condition: 'attribute_not_exists(#key) OR #key < :mark',
          values: { mark: { S: mark.key }, none: { S: 'none' } },
          labels: [],
          ReturnValues: 'ALL_OLD',
        };
      });
      if (!removed?.Attributes || !mark) return undefined;
      return { post: fromItem(removed.Attributes), mark, $metadata: removed.$metadata };
    },
  };

  /** @returns undefined when there is no such post */
  async function updateWords(user: string, id: string, { set, remove, values }: Words) {
    const UpdateExpression = [
      set.length > 0 && `SET ${set.join(', ')}`,
      remove.length > 0 && `REMOVE ${remove.map((name) => `#${name}`).join(', ')}`,
    ]
      .filter(Boolean)
      .join(' ');
    try {
      const { Attributes = {} } = await client.send(
        new UpdateItemCommand({
          TableName: table,
          Key: itemKey(user, id),
          UpdateExpression,
          ConditionExpression: 'attribute_exists(id)',
          ExpressionAttributeNames: namesIn(UpdateExpression),
          // None may be empty.
          ...(Object.keys(values).length > 0 && {
            ExpressionAttributeValues: Object.fromEntries(
              Object.entries(values).map(([name, value]) => [`:${name}`, value]),
            ),
          }),
          ReturnValues: 'ALL_NEW',
        }),
      );
      return fromItem(Attributes);
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) return undefined;
      throw error;
    }
  }
}

type Words = Pick<Relabelling, 'set' | 'values'> & { remove: string[] };

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
