import { type DynamoDBClient, QueryCommand, type QueryCommandInput } from '@aws-sdk/client-dynamodb';
import { fromItem, type Item } from './item.ts';
import type { List } from './newest-first.ts';
import type { StoredPost } from './post.ts';

/** Where a listing starts and how many posts it asks for at a time. */
export type ListOptions = {
  /** `POST#<uuid>`: only older posts are listed */
  before?: string | undefined;
  /** posts asked of DynamoDB in one call at the most */
  pageSize?: number;
};

export type Partition = Pick<QueryCommandInput, 'IndexName' | 'ConsistentRead'> & {
  attribute: 'user' | 'shard';
  value: string;
};

/** Bytes of posts in a page; a single post may have more. */
export const PAGE_BYTES = 160 * 1024;

/** Posts in a page, however small they are. */
const MAX_PAGE = 300;

/** …and in the first of a partition that was not read before: at 64 KiB each, the 1 MB at which DynamoDB ends a page. */
const FIRST_PAGE = 16;

/** Partitions whose posts' size is remembered, ~200 bytes each. */
const MAX_KNOWN = 10_000;

/**
 * Reads partitions newest first, in pages of so many bytes. DynamoDB takes a number of posts: as many are asked for as fit if
 * they are like those of the page before; when they turn out larger, what does not fit is dropped and asked for again.
 */
export function createPartitionReader(client: DynamoDBClient, table: string) {
  /** Bytes of the newest posts of a partition, on average. */
  const sizes = new Map<string, number>();

  return async function* listPartition(
    { attribute, value, ...read }: Partition,
    { before, pageSize = MAX_PAGE }: ListOptions,
  ): List<StoredPost> {
    let size = sizes.get(value);
    let start: Item | undefined;
    do {
      const fitting = size === undefined ? FIRST_PAGE : Math.max(1, Math.floor(PAGE_BYTES / size));
      const { Items = [], LastEvaluatedKey } = await client.send(
        new QueryCommand({
          ...read,
          TableName: table,
          KeyConditionExpression: `#partition = :partition${before ? ' AND id < :before' : ''}`,
          ExpressionAttributeNames: { '#partition': attribute },
          ExpressionAttributeValues: {
            ':partition': { S: value },
            ...(before && { ':before': { S: before } }),
          },
          ScanIndexForward: false,
          Limit: Math.min(pageSize, fitting),
          ExclusiveStartKey: start,
        }),
      );
      const { posts, average } = thatFit(Items);
      if (start === undefined && before === undefined && Items.length > 0) remember(value, average);
      if (Items.length > 0) size = average;
      const last = Items[posts.length - 1];
      start = posts.length < Items.length && last ? keyOf(last, read) : LastEvaluatedKey;
      // A page can be empty while there is more.
      if (posts.length > 0) yield { items: posts, last: start === undefined };
    } while (start);
  };

  function remember(partition: string, size: number): void {
    if (sizes.size >= MAX_KNOWN) sizes.clear();
    sizes.set(partition, size);
  }
}

/** The posts of a page as far as they fit, one at least, and how many bytes they have on average. */
function thatFit(items: Item[]): { posts: StoredPost[]; average: number } {
  const posts: StoredPost[] = [];
  let bytes = 0;
  for (const item of items) {
    const post = fromItem(item);
    const size = sizeOf(post);
    if (posts.length > 0 && bytes + size > PAGE_BYTES)
      return { posts, average: (bytes + size) / (posts.length + 1) };
    bytes += size;
    posts.push(post);
  }
  return { posts, average: bytes / posts.length };
}

/** What a post takes, in bytes: its texts, of which V8 keeps one byte a character, at the worst two; and 200 for the rest. */
const sizeOf = ({ title, body, alt = '', labels = [] }: StoredPost): number =>
  labels.reduce((size, label) => size + label.length, 200 + title.length + body.length + alt.length);

/** Where a Query goes on after this item. */
function keyOf(item: Item, { IndexName }: Pick<Partition, 'IndexName'>): Item {
  const names = IndexName === undefined ? ['user', 'id'] : ['user', 'id', 'shard'];
  return Object.fromEntries(Object.entries(item).filter(([name]) => names.includes(name)));
}
