import * as v from 'valibot';
import { HttpError, type Reply } from '../../src/http/call.ts';
import { parseInput } from '../../src/http/validation.ts';
import type { Tweet } from './tweet.ts';
import { userIdSchema } from './tweet.ts';
import type { Listed, TweetStore } from './tweet-store.ts';

const MAX_USERS = 100;
const MAX_LIMIT = 100;

/** Bytes of tweets in an answer: Lambda's has 6 MB, in which a quote of the text takes two. */
const MAX_ANSWER = 2.5 * 1024 * 1024;

/** Tweets asked of DynamoDB at a time where all are wanted. */
const PAGE = 100;

const limitError = `must be a whole number from 1 to ${MAX_LIMIT}`;
const fetchSchema = v.object(
  {
    userIds: v.pipe(
      v.array(userIdSchema, 'must be a list of user ids'),
      v.minLength(1, 'must name a user'),
      v.maxLength(MAX_USERS, `must name at most ${MAX_USERS} users`),
    ),
    limit: v.optional(
      v.pipe(
        v.number(limitError),
        v.integer(limitError),
        v.minValue(1, limitError),
        v.maxValue(MAX_LIMIT, limitError),
      ),
    ),
    cursor: v.optional(v.string('must be a text')),
  },
  (issue) => (issue.expected === 'Object' ? 'must be a JSON object' : 'is missing'),
);

/** Where a page ended: the user, and the place in its list. It holds no secret. */
const cursorSchema = v.strictTuple([v.string(), v.string()]);

/**
 * The tweets of some users, one user after the other, newest first; all, or a page.
 * @throws HttpError 422 naming the field, 413 when all are too much for one answer
 */
export async function fetchTweets(tweets: TweetStore, body: unknown): Promise<Reply> {
  const { userIds, limit, cursor } = parseInput(fetchSchema, body);
  if (cursor !== undefined && limit === undefined)
    throw new HttpError(422, 'cursor: needs a limit beside it');
  const users = [...new Set(userIds)];
  const [start, before] = cursor === undefined ? [0] : readCursor(users, cursor);
  // One more than shown tells whether there is more.
  const wanted = limit === undefined ? Infinity : limit + 1;
  const found: Listed[] = [];
  let bytes = 0;
  for (const [index, user] of users.slice(start).entries()) {
    const options = { before: index === 0 ? before : undefined, limit: Math.min(PAGE, wanted) };
    for await (const page of tweets.listOf(user, options)) {
      found.push(...page.slice(0, wanted - found.length));
      bytes += Buffer.byteLength(JSON.stringify(page));
      if (found.length >= wanted) break;
      if (bytes > MAX_ANSWER)
        throw new HttpError(413, 'These are too many tweets for one answer: ask with a limit.');
    }
    if (found.length >= wanted) break;
  }
  const shown = limit === undefined ? found : found.slice(0, limit);
  const last = shown.at(-1);
  const more = found.length > shown.length && last;
  return { body: { tweets: shown.map(({ tweet }) => tweet), ...(more && { cursor: cursorOf(last) }) } };
}

const cursorOf = ({ tweet, written }: { tweet: Tweet; written: string }): string =>
  Buffer.from(JSON.stringify([tweet.userId, written])).toString('base64url');

/** @throws HttpError 422 when the cursor is broken or of other users */
function readCursor(users: string[], cursor: string): [start: number, before: string] {
  const parsed = v.safeParse(cursorSchema, parseJson(Buffer.from(cursor, 'base64url').toString()));
  if (!parsed.success) throw new HttpError(422, 'cursor: is broken, take it from an answer');
  const [user, written] = parsed.output;
  const start = users.indexOf(user);
  if (start < 0) throw new HttpError(422, 'cursor: belongs to other users');
  return [start, written];
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
