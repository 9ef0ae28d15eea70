import {
  BatchGetItemCommand,
  type BatchGetItemCommandOutput,
  type DynamoDBClient,
  QueryCommand,
  type QueryCommandOutput,
} from '@aws-sdk/client-dynamodb';
import { fromItem, type Item, itemKey } from './item.ts';
import { CATALOGUE, labelPartition } from './label-index.ts';
import { foldLabel, hasLabel } from './label-names.ts';
import { MAX_POST_BYTES, type StoredPost } from './post.ts';

/** How often entries are read for one page where some are left over of posts without the label; after that the page is short. */
const MAX_ROUNDS = 10;

/** …and how many from the second time on. */
const MORE_ENTRIES = 25;

/** Keys that a BatchGetItem may ask for. */
const MAX_KEYS = 100;

/** DynamoDB answers a BatchGetItem in part when it has 16 MB, or is asked for too much at a time. */
const MAX_BATCHES = 20;

/** Labels looked at whether some post has them. */
const MAX_CANDIDATES = 50;

/** How far posts are counted. */
export const MAX_COUNT = 1_000;

/** Posts that have a label, and whether there are more than were counted. */
export type LabelCount = { label: string; count: number; more: boolean };

/** What a page of posts with a label holds of this process's memory, in bytes: those that were found, and those just read. */
export const searchBytes = (limit: number): number =>
  (limit + Math.max(limit, MORE_ENTRIES)) * MAX_POST_BYTES;

/**
 * Finds posts by the entries of their labels. Reads are eventually consistent, and throw the SDK's errors.
 * @param table of posts
 */
export function createLabelSearch(client: DynamoDBClient, table: string) {
  return {
    /**
     * Posts with a label, whatever its case, newest first.
     * @param limit from 1 to 100
     * @param before `POST#<uuid>`: only older posts are found
     * @returns fewer than `limit` where there are no more, or where many entries in a row were left over; `next` is where to go on
     */
    async findLabelled(
      label: string,
      limit: number,
      before?: string,
    ): Promise<{ posts: StoredPost[]; next?: string }> {
      const posts: StoredPost[] = [];
      let next = before;
      for (let round = 0; round < MAX_ROUNDS; round++) {
        // One more than shown tells whether there is more.
        const asked = round === 0 ? limit + 1 : MORE_ENTRIES;
        const { Items = [], LastEvaluatedKey } = await entriesOf(label, asked, next);
        const found = await postsOf(Items.slice(0, MAX_KEYS));
        for (const [index, { id }] of Items.slice(0, MAX_KEYS).entries()) {
          next = id?.S ?? '';
          const post = found.get(next);
          if (!post || !hasLabel(post.labels, label)) continue;
          posts.push(post);
          const isLast = index === Items.length - 1 && !LastEvaluatedKey;
          if (posts.length === limit) return { posts, ...(!isLast && { next }) };
        }
        if (!LastEvaluatedKey && Items.length <= MAX_KEYS) return { posts };
      }
      return { posts, ...(next !== undefined && { next }) };
    },

    /**
     * Labels of posts that begin so, whatever the case, by their names.
     * @param limit how many
     */
    async findLabels(prefix: string, limit: number): Promise<LabelCount[]> {
      const start = foldLabel(prefix);
      const { Items = [] } = await client.send(
        new QueryCommand({
          TableName: table,
          KeyConditionExpression: `#user = :labels${start === '' ? '' : ' AND begins_with(id, :prefix)'}`,
          ExpressionAttributeNames: { '#user': 'user' },
          ExpressionAttributeValues: {
            ':labels': { S: CATALOGUE },
            ...(start !== '' && { ':prefix': { S: start } }),
          },
          Limit: MAX_CANDIDATES,
        }),
      );
      const found: LabelCount[] = [];
      while (found.length < limit && Items.length > 0) {
        const names = Items.splice(0, limit - found.length).map(({ label }) => label?.S ?? '');
        const counts = await Promise.all(names.map(count));
        found.push(...counts.filter((it) => it.count > 0));
      }
      return found;
    },
  };

  function entriesOf(label: string, limit: number, before: string | undefined): Promise<QueryCommandOutput> {
    return client.send(
      new QueryCommand({
        TableName: table,
        KeyConditionExpression: `#user = :label${before === undefined ? '' : ' AND id < :before'}`,
        ExpressionAttributeNames: { '#user': 'user' },
        ExpressionAttributeValues: {
          ':label': { S: labelPartition(label) },
          ...(before !== undefined && { ':before': { S: before } }),
        },
        ScanIndexForward: false,
        Limit: limit,
      }),
    );
  }

  /** By their ids; those that are no longer there are not. */
  async function postsOf(entries: Item[]): Promise<Map<string, StoredPost>> {
    const posts = new Map<string, StoredPost>();
    let keys: Item[] | undefined = entries.map(({ owner, id }) => itemKey(owner?.S ?? '', id?.S ?? ''));
    for (let batch = 0; keys && keys.length > 0; batch++) {
      if (batch === MAX_BATCHES)
        throw new Error(`DynamoDB leaves out items of ${MAX_BATCHES} answers in a row.`);
      const { Responses, UnprocessedKeys }: BatchGetItemCommandOutput = await client.send(
        new BatchGetItemCommand({ RequestItems: { [table]: { Keys: keys } } }),
      );
      for (const item of Responses?.[table] ?? []) {
        const post = fromItem(item);
        posts.set(post.id, post);
      }
      keys = UnprocessedKeys?.[table]?.Keys;
    }
    return posts;
  }

  async function count(label: string): Promise<LabelCount> {
    const { Count = 0, LastEvaluatedKey } = await client.send(
      new QueryCommand({
        TableName: table,
        KeyConditionExpression: '#user = :label',
        ExpressionAttributeNames: { '#user': 'user' },
        ExpressionAttributeValues: { ':label': { S: labelPartition(label) } },
        Select: 'COUNT',
        Limit: MAX_COUNT,
      }),
    );
    return { label, count: Count, more: LastEvaluatedKey !== undefined };
  }
}
