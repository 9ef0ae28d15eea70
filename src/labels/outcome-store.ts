import { type AttributeValue, type DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import { fromItem, type Item, itemKey } from '../posts/item.ts';
import { createLabelIndex, type Relabelling } from '../posts/label-index.ts';
import type { Rendering } from '../renditions/render.ts';
import type { Photo } from './photo-event.ts';

/** What became of a photo: its labels and pixels, its pixels alone, or why it was refused. */
export type Outcome = { error: string } | (Pixels & { labels?: string[] });

type Pixels = Pick<Rendering, 'width' | 'height' | 'thumbhash' | 'renditions'>;

/**
 * How a photo stands to its post. `labelled`, `failed`: that was stored of this very write; `unrendered`: its labels alone, before
 * there were renditions; `unindexed`: both, before posts were found by their labels. `obsolete`: no post will ever show it. `overwritten`: nor this one, but under its key lies what was
 * written later.
 */
export type Standing =
  'open' | 'labelled' | 'unrendered' | 'unindexed' | 'failed' | 'obsolete' | 'overwritten';

/** How a photo stands whose key was written once more: a bucket that keeps no versions has only the later one. */
export const replaced = ({ version }: Photo): Standing => (version ? 'obsolete' : 'overwritten');

export type OutcomeStore = ReturnType<typeof createOutcomeStore>;

/**
 * The labeler's side of the posts table. All methods throw the SDK's errors.
 * @param table table name
 */
export function createOutcomeStore(client: DynamoDBClient, table: string) {
  const index = createLabelIndex(client, table);

  return {
    /**
     * Stores what became of a photo, unless its post is gone (an update would create it anew) or has a newer photo:
     * one with a larger key, or the same key written later. What was refused once stays refused: its pixels are deleted.
     * @returns false when it was refused
     */
    async store(photo: Photo, outcome: Outcome): Promise<boolean> {
      const attributes = {
        key: { S: photo.key },
        sequencer: { S: photo.sequencer },
        version: photo.version === undefined ? undefined : { S: photo.version },
        ...attributesOf(outcome),
      };
      const stored = await index.relabel(photo.user, photo.id, (item) => ({
        ...changesOf(attributes),
        condition:
          'attribute_not_exists(#key) OR #key < :key OR ' +
          '(#key = :key AND (#sequencer < :sequencer OR (#sequencer = :sequencer AND #status <> :failed)))',
        labels: labelsAfter(item, attributes),
      }));
      return stored !== undefined;
    },

    /** Makes a post be found by the labels that it has. */
    async index({ user, id, key }: Photo): Promise<void> {
      await index.relabel(user, id, (item) => ({
        set: [],
        condition: '#key = :key',
        values: { key: { S: key } },
        labels: fromItem(item).labels ?? [],
      }));
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
      if (!Item.width) return 'unrendered';
      return Item.labelRevision ? 'labelled' : 'unindexed';
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

function changesOf(attributes: Attributes): Pick<Relabelling, 'set' | 'remove' | 'values'> {
  const present = Object.entries(attributes).filter(hasValue);
  return {
    set: present.map(([name]) => `#${name} = :${name}`),
    remove: Object.keys(attributes).filter((name) => attributes[name] === undefined),
    values: { ...Object.fromEntries(present), failed: { S: 'failed' } },
  };
}

/** What a post shows once these attributes are written: by hand of the same photo, or what was found on it. */
function labelsAfter(item: Item, attributes: Attributes): string[] {
  const after = Object.fromEntries(Object.entries({ ...item, ...attributes }).filter(hasValue));
  return fromItem(after).labels ?? [];
}

const hasValue = (entry: [string, AttributeValue | undefined]): entry is [string, AttributeValue] =>
  entry[1] !== undefined;
