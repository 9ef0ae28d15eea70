import * as v from 'valibot';
import { type Call, HttpError, type Routes } from '../../src/http/call.ts';
import { parseInput } from '../../src/http/validation.ts';
import type { Identity } from '../../src/identity/identity.ts';
import { fetchTweets } from './fetch.ts';
import type { ImageStore } from './images.ts';
import { imageKey, tweetIdSchema, tweetSchema, userIdSchema } from './tweet.ts';
import type { TweetStore } from './tweet-store.ts';

const SUCCESS = { body: { isSuccess: true } };

const object = (issue: { expected: string | null }) =>
  issue.expected === 'Object' ? 'must be a JSON object' : 'is missing';
const tweetRef = v.object({ userId: userIdSchema, id: tweetIdSchema }, object);
const imageRef = v.object({ userId: userIdSchema, tweetId: tweetIdSchema }, object);

/** What writes and reads tweets. */
export function tweetRoutes(parts: {
  tweets: TweetStore;
  images: Pick<ImageStore, 'remove'>;
  identity: Identity;
}): Routes {
  const { tweets, images, identity } = parts;

  return {
    'POST /api/create_tweet': async (call) => {
      const tweet = parseInput(tweetSchema, await call.json());
      await mustBe(identity, call, tweet.userId);
      if (!(await tweets.create(tweet))) throw new HttpError(409, 'id: belongs to another tweet');
      return SUCCESS;
    },

    'POST /api/fetch_tweet': async (call) => fetchTweets(tweets, await call.json()),

    'POST /api/delete_tweet': async (call) => {
      const { userId, id } = parseInput(tweetRef, await call.json());
      await mustBe(identity, call, userId);
      if (!(await tweets.has(userId, id))) throw new HttpError(404, 'There is no such tweet.');
      // The picture first: as long as the tweet is there, a failure half way can be tried again.
      await images.remove(imageKey(userId, id));
      await tweets.remove(userId, id);
      return SUCCESS;
    },
  };
}

/** What signs addresses of pictures. */
export function imageRoutes({ images, identity }: { images: ImageStore; identity: Identity }): Routes {
  return {
    'POST /api/upload_url': async (call) => {
      const { userId, tweetId } = parseInput(imageRef, await call.json());
      await mustBe(identity, call, userId);
      return { body: { presignedUrl: await images.uploadUrl(imageKey(userId, tweetId)) } };
    },

    'POST /api/download_url': async (call) => {
      const { userId, tweetId } = parseInput(imageRef, await call.json());
      return { body: { presignedUrl: await images.downloadUrl(imageKey(userId, tweetId)) } };
    },
  };
}

/**
 * With sign-in, whoever writes is whoever it says it is. Reading is everybody's.
 * @throws HttpError 401, or 403 for somebody else's userId
 */
async function mustBe(identity: Identity, { headers }: Call, userId: string): Promise<void> {
  if (!identity.verified) return;
  const { name } = await identity.callerOf(headers);
  if (name !== userId) throw new HttpError(403, 'userId: is not who is signed in');
}
