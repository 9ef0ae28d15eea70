import {
  type AttributeValue,
  DeleteItemCommand,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  type QueryCommandInput,
} from '@aws-sdk/client-dynamodb';
import { v7 as uuidv7 } from 'uuid';
import { fromItem, type Item, itemKey, toItem } from './item.ts';
import { newestFirst } from './newest-first.ts';
import { type Draft, shardOf, SHARDS, type StoredPost } from './post.ts';

export type PostStore = ReturnType<typeof createPostStore>;

/** Where a listing starts and how many posts it asks for at a time. */
export type ListOptions = {
  /** `POST#<uuid>`: only older posts are listed */
  before?: string | undefined;
  /** posts asked of DynamoDB in one call; a page also ends at DynamoDB's 1 MB */
  pageSize?: number;
};

/** Posts asked for at a time when a whole list is streamed: bounds the memory that one reader takes. */
const STREAM_PAGE = 300;

/**
 * Posts in DynamoDB. All methods throw the SDK's errors.
 * @param table table name
 */
export function createPostStore(client: DynamoDBClient, table: string) {
  return {
    /** Stores a new post under a new time-ordered id. */
    async create(user: string, draft: Draft) {
      const post: StoredPost = {
        user,
        id: `POST#${uuidv7()}`,
        title: draft.title,
        body: draft.body,
        createdAt: new Date().toISOString(),
        status: 'none',
      };
      const { $metadata } = await client.send(new PutItemCommand({ TableName: table, Item: toItem(post) }));
      return { post, $metadata };
    },

    /** One post whoever wrote it. Reads the index: eventually consistent. */
    async find(id: string): Promise<StoredPost | undefined> {
      const { Items } = await client.send(
        new QueryCommand({
          TableName: table,
          IndexName: 'by-time',
          KeyConditionExpression: '#shard = :shard AND id = :id',
          // A reserved word.
          ExpressionAttributeNames: { '#shard': 'shard' },
          ExpressionAttributeValues: { ':shard': { S: shardOf(id) }, ':id': { S: id } },
        }),
      );
      return Items?.[0] && fromItem(Items[0]);
    },

    /** Whether the user has this post. Consistent. */
    async has(user: string, id: string): Promise<boolean> {
      const { Item } = await client.send(
        new GetItemCommand({
          TableName: table,
          Key: itemKey(user, id),
          ConsistentRead: true,
          ProjectionExpression: 'id',
        }),
      );
      return Item !== undefined;
    },

    /** Pages of a user's posts, newest first. Consistent: one's own write is there. */
    listOf(user: string, options: ListOptions = {}): AsyncGenerator<StoredPost[]> {
      return listPartition(
        { attribute: 'user', value: itemKey(user, '').user, ConsistentRead: true },
        options,
      );
    },

    /** Pages of everybody's posts, newest first. Reads the index: eventually consistent. */
    listAll(options: ListOptions = {}): AsyncGenerator<StoredPost[]> {
      return newestFirst(
        SHARDS.map((shard) =>
          listPartition({ attribute: 'shard', value: { S: shard }, IndexName: 'by-time' }, options),
        ),
      );
    },

    /** Deletes a user's post. @returns the post that was, undefined when there was none */
    async remove(user: string, id: string) {
      const { Attributes, $metadata } = await client.send(
        new DeleteItemCommand({ TableName: table, Key: itemKey(user, id), ReturnValues: 'ALL_OLD' }),
      );
      return { post: Attributes && fromItem(Attributes), $metadata };
    },
  };

  async function* listPartition(
    { attribute, value, ...read }: Partition,
    { before, pageSize = STREAM_PAGE }: ListOptions,
  ): AsyncGenerator<StoredPost[]> {
    let last: Item | undefined;
    do {
      const page = await client.send(
        new QueryCommand({
          ...read,
          TableName: table,
          KeyConditionExpression: `#partition = :partition${before ? ' AND id < :before' : ''}`,
          ExpressionAttributeNames: { '#partition': attribute },
          ExpressionAttributeValues: { ':partition': value, ...(before && { ':before': { S: before } }) },
          ScanIndexForward: false,
          Limit: pageSize,
          ExclusiveStartKey: last,
        }),
      );
      last = page.LastEvaluatedKey;
      // A page can be empty while there is more.
      if (page.Items?.length) yield page.Items.map(fromItem);
    } while (last);
  }
}

type Partition = Pick<QueryCommandInput, 'IndexName' | 'ConsistentRead'> & {
  attribute: 'user' | 'shard';
  value: AttributeValue;
};
