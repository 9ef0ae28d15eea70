import * as v from 'valibot';
import { UNSAFE } from '../../src/identity/user-name.ts';

const missing = (what: string) => `${what} is missing`;

/** Part of an S3 key, which has 1,024 bytes: 256 here, 128 there. An e-mail address has 254 at most (RFC 5321). */
const keyPart = (maxBytes: number) =>
  v.pipe(
    v.string('must be a text'),
    v.nonEmpty('must not be empty'),
    v.check((text) => Buffer.byteLength(text) <= maxBytes, `must have at most ${maxBytes} bytes`),
    v.check((text) => text.search(UNSAFE) < 0, 'must have no control character'),
    v.check((text) => !text.includes('/') && !text.includes('..'), 'must have no / and no ..'),
  );

export const userIdSchema = keyPart(256);
export const tweetIdSchema = keyPart(128);

/** What a caller sends to make a tweet. The three objects are kept as they are, with whatever else they hold. */
export const tweetSchema = v.object(
  {
    userId: userIdSchema,
    id: tweetIdSchema,
    tweetInfo: v.looseObject(
      { userName: v.string(), createdAt: v.string() },
      missing('userName or createdAt'),
    ),
    tweetContent: v.looseObject({ message: v.string(), imgName: v.nullish(v.string()) }, missing('message')),
    tweetUserAction: v.looseObject({ good: v.unknown(), comments: v.unknown() }, missing('good or comments')),
  },
  (issue) => (issue.expected === 'Object' ? 'must be a JSON object' : 'is missing'),
);

export type Tweet = v.InferOutput<typeof tweetSchema>;

/** Where the picture of a tweet lives in the bucket. */
export const imageKey = (userId: string, tweetId: string): string => `images/${userId}/${tweetId}.png`;
