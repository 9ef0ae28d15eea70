import { isDeepStrictEqual } from 'node:util';
import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import {
  DeleteCommand,
  type DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  QueryCommand,
} from '@aws-sdk/lib-dynamodb';
import * as v from 'valibot';
import type { Tweet } from './tweet.ts';

export type TweetStore = ReturnType<typeof createTweetStore>;

/** A tweet, and where it stands in its writer's list. */
export type Listed = { tweet: Tweet; written: string };

/** The three objects are kept as JSON text: exactly as they were sent, whatever numbers and keys they hold. */
const itemSchema = v.object({
  user_id: v.string(),
  id: v.string(),
  written: v.string(),
  tweet_info: v.string(),
  tweet_content: v.string(),
  tweet_user_action: v.string(),
});

/** Tweets in DynamoDB. All methods throw the SDK's errors. @param table its name */
export function createTweetStore(documents: DynamoDBDocumentClient, table: string) {
  return {
    /** Stores a tweet. @returns false when there is another one with its id; the same one again changes nothing */
    async create(tweet: Tweet): Promise<boolean> {
      try {
        await documents.send(
          new PutCommand({
            TableName: table,
            Item: toItem(tweet),
            ConditionExpression: 'attribute_not_exists(id)',
          }),
        );
        return true;
      } catch (error) {
        if (!(error instanceof ConditionalCheckFailedException)) throw error;
        return isDeepStrictEqual(await find(tweet.userId, tweet.id), tweet);
      }
    },

    /**
     * Pages of a user's tweets, newest first. Consistent.
     * @param before `written` of the last one that was seen
     * @param limit tweets asked for at a time; a page also ends at DynamoDB's 1 MB
     */
    async *listOf(userId: string, { before, limit }: { before?: string | undefined; limit: number }) {
      let last: Record<string, unknown> | undefined;
      do {
        const { Items = [], LastEvaluatedKey } = await documents.send(
          new QueryCommand({
            TableName: table,
            IndexName: 'by-time',
            ConsistentRead: true,
            ScanIndexForward: false,
            KeyConditionExpression: `user_id = :user${before === undefined ? '' : ' AND written < :before'}`,
            ExpressionAttributeValues: {
              ':user': userId,
              ...(before !== undefined && { ':before': before }),
            },
            Limit: limit,
            ExclusiveStartKey: last,
          }),
        );
        last = LastEvaluatedKey;
        if (Items.length > 0) yield Items.map(fromItem);
      } while (last);
    },

    /** Whether there is such a tweet. Consistent. */
    has: async (userId: string, id: string): Promise<boolean> => (await find(userId, id)) !== undefined,

    /** Deletes a tweet; one that is gone already is no error. */
    async remove(userId: string, id: string): Promise<void> {
      await documents.send(new DeleteCommand({ TableName: table, Key: { user_id: userId, id } }));
    },
  };

  async function find(userId: string, id: string): Promise<Tweet | undefined> {
    const { Item } = await documents.send(
      new GetCommand({ TableName: table, Key: { user_id: userId, id }, ConsistentRead: true }),
    );
    return Item && fromItem(Item).tweet;
  }
}

function toItem({ userId, id, tweetInfo, tweetContent, tweetUserAction }: Tweet) {
  return {
    user_id: userId,
    id,
    written: `${timeOf(tweetInfo.createdAt)}#${id}`,
    tweet_info: JSON.stringify(tweetInfo),
    tweet_content: JSON.stringify(tweetContent),
    tweet_user_action: JSON.stringify(tweetUserAction),
  };
}

function fromItem(item: unknown): Listed {
  const kept = v.parse(itemSchema, item);
  const tweet = {
    userId: kept.user_id,
    id: kept.id,
    // toItem wrote these texts of a Tweet.
    tweetInfo: JSON.parse(kept.tweet_info) as Tweet['tweetInfo'],
    tweetContent: JSON.parse(kept.tweet_content) as Tweet['tweetContent'],
    tweetUserAction: JSON.parse(kept.tweet_user_action) as Tweet['tweetUserAction'],
  };
  return { tweet, written: kept.written };
}

/** When a tweet was written, as its writer says, in a form whose order is time's; when it came, if that is no date. */
function timeOf(createdAt: string): string {
  const ms = Date.parse(createdAt);
  // Beyond the years 0 to 9999 the order of the texts is not that of the times.
  const isPlain = ms >= Date.UTC(0) && ms < Date.UTC(10_000);
  return new Date(isPlain ? ms : Date.now()).toISOString();
}
