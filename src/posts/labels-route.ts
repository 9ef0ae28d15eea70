import * as v from 'valibot';
import type { Handler, Reply } from '../http/call.ts';
import { parseInput } from '../http/validation.ts';
import { createShared } from '../runtime/shared.ts';
import { foldLabel } from './label-names.ts';
import type { LabelCount } from './label-search.ts';
import { atMost } from './post.ts';
import type { PostStore } from './store.ts';

/** For how long everybody is given the same counts of labels that begin so, ms. */
const SHARED_MS = 10_000;

/** Bytes of lists of labels that are kept for those who ask next. */
const SHARED_BYTES = 1024 * 1024;

/** What a list of labels holds while it is read and written: each has 50 characters at the most. */
const LIST_BYTES = 64 * 1024;

const DEFAULT_LIMIT = '10';

export const prefixSchema = v.pipe(v.string(), ...atMost(50, 'the prefix'), v.trim());
export const labelsLimitSchema = v.pipe(
  v.string(),
  v.regex(/^0*([1-9]|1\d|20)$/, 'must be a whole number from 1 to 20'),
  v.metadata({ type: 'integer', pattern: undefined, minimum: 1, maximum: 20 }),
  v.toNumber(),
);

/**
 * `GET /labels`: labels that begin so, by their names, and how many posts have each; 1,000 and whether there are more at the most.
 * Posts are counted by their entries, of which some may be left over of posts without the label.
 * @param now clock in ms
 */
export function createLabelsRoute(posts: Pick<PostStore, 'findLabels'>, now?: () => number): Handler {
  const shared = createShared<Reply & { body: LabelCount[] }>({
    ms: SHARED_MS,
    bytes: SHARED_BYTES,
    sizeOf: ({ body }) => 512 + 256 * body.length,
    now,
  });

  return async ({ query, memory }) => {
    const prefix = foldLabel(parseInput(prefixSchema, query.get('prefix') ?? '', 'prefix'));
    const limit = parseInput(labelsLimitSchema, query.get('limit') ?? DEFAULT_LIMIT, 'limit');
    await memory.take(LIST_BYTES);
    return shared(`${limit} ${prefix}`, async () => ({ body: await posts.findLabels(prefix, limit) }));
  };
}
