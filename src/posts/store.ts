import {
  DeleteItemCommand,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
} from '@aws-sdk/client-dynamodb';
import { v7 as uuidv7 } from 'uuid';
import { COMPRESSOR_BYTES } from '../http/content/compress.ts';
import { createChangeStore } from './change-store.ts';
import { fromItem, itemKey, toItem } from './item.ts';
import { createLabelIndex } from './label-index.ts';
import { createLabelSearch } from './label-search.ts';
import { createPartitionReader, type ListOptions, PAGE_BYTES } from './list-partition.ts';
import { type List, newestFirst } from './newest-first.ts';
import { type Draft, MAX_POST_BYTES, shardOf, SHARDS, type StoredPost } from './post.ts';

export type PostStore = ReturnType<typeof createPostStore>;

/**
 * What a list holds of this process's memory, in bytes.
 * @param user whose list, undefined for everybody's
 * @param limit posts that are all in one answer; without it the list is streamed
 */
export function listBytes(user: string | undefined, limit?: number): number {
  const pages = PAGE_BYTES * (user === undefined ? SHARDS.length : 1);
  // What is streamed is once there as posts, and once as JSON on its way through what compresses it.
  return limit === undefined ? 2 * pages + COMPRESSOR_BYTES : pages + limit * MAX_POST_BYTES;
}

/**
 * Posts in DynamoDB. All methods throw the SDK's errors.
 * @param table table name
 */
export function createPostStore(client: DynamoDBClient, table: string) {
  const listPartition = createPartitionReader(client, table);
  const index = createLabelIndex(client, table);

  return {
    ...createChangeStore(client, table, index),
    ...createLabelSearch(client, table),

    /** Stores a new post under a new time-ordered id. */
    async create(user: string, draft: Draft) {
      const post: StoredPost = {
        user,
        id: `POST#${uuidv7()}`,
        title: draft.title,
        body: draft.body,
        ...(draft.alt && { alt: draft.alt }),
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
    listOf(user: string, options: ListOptions = {}): List<StoredPost> {
      return listPartition(
        { attribute: 'user', value: itemKey(user, '').user.S, ConsistentRead: true },
        options,
      );
    },

    /** Pages of everybody's posts, newest first. Reads the index: eventually consistent. */
    listAll({ before, pageSize }: ListOptions = {}): List<StoredPost> {
      // A shard holds a quarter of the newest posts, give or take. Half of them, and two, is too few for one page of 20 in
      // 700, which then asks that shard once more. Asking each for all of them reads 60 % more
      // and takes 8 % more CPU.
      const shardPageSize = pageSize && Math.ceil(pageSize / 2) + 2;
      return newestFirst(
        SHARDS.map((shard) =>
          listPartition(
            { attribute: 'shard', value: shard, IndexName: 'by-time' },
            { before, ...(shardPageSize && { pageSize: shardPageSize }) },
          ),
        ),
      );
    },

    /** Deletes a user's post. @returns the post that was, undefined when there was none */
    async remove(user: string, id: string) {
      const { Attributes, $metadata } = await client.send(
        new DeleteItemCommand({ TableName: table, Key: itemKey(user, id), ReturnValues: 'ALL_OLD' }),
      );
      const post = Attributes && fromItem(Attributes);
      if (post?.labels) await index.remove(user, id, post.labels);
      return { post, $metadata };
    },
  };
}
