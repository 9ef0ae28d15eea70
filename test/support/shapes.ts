import assert from 'node:assert/strict';
import * as v from 'valibot';
import type { Answer } from './http-client.ts';

const UUID_V7 = /^POST#[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

const pixels = v.pipe(v.number(), v.integer(), v.minValue(1));

/** A post as the contract has it: no other field. */
const fields = {
  user: v.string(),
  id: v.pipe(v.string(), v.regex(UUID_V7)),
  title: v.string(),
  body: v.string(),
  alt: v.optional(v.pipe(v.string(), v.nonEmpty())),
  createdAt: v.pipe(v.string(), v.isoTimestamp()),
  status: v.picklist(['none', 'labelled', 'failed']),
  image: v.optional(v.pipe(v.string(), v.url())),
  thumbnails: v.optional(v.array(v.strictObject({ width: pixels, url: v.pipe(v.string(), v.url()) }))),
  width: v.optional(pixels),
  height: v.optional(pixels),
  thumbhash: v.optional(v.pipe(v.string(), v.base64())),
  label: v.optional(v.array(v.string())),
  labels: v.optional(v.array(v.string())),
  error: v.optional(v.string()),
};
const metadata = { $metadata: v.looseObject({ httpStatusCode: v.literal(200) }) };
const post = v.strictObject(fields);
const problemFields = {
  title: v.pipe(v.string(), v.nonEmpty()),
  status: v.number(),
  detail: v.pipe(v.string(), v.nonEmpty()),
  message: v.string(),
};
const upload = v.strictObject({
  uploadURL: v.pipe(v.string(), v.url()),
  objectName: v.string(),
  method: v.literal('PUT'),
  headers: v.record(v.string(), v.string()),
  expiresIn: v.pipe(v.number(), v.minValue(60)),
});

export type Post = v.InferOutput<typeof post>;
export type Upload = v.InferOutput<typeof upload>;

/** The post in a 200. */
export const postIn = (answer: Answer): Post => checked(v.parse(post, ok(answer, 200)));

/** The posts in a 200. */
export const postsIn = (answer: Answer): Post[] => v.parse(v.array(post), ok(answer, 200)).map(checked);

/** The new post in a 201. */
export const createdIn = (answer: Answer) =>
  checked(v.parse(v.strictObject({ ...fields, ...metadata }), ok(answer, 201)));

/** What DELETE gives. */
export function deletedIn(answer: Answer) {
  const deleted = v.parse(v.strictObject({ ...metadata, Attributes: post }), ok(answer, 200));
  checked(deleted.Attributes);
  return deleted;
}

/** What a caller may upload. */
export const uploadIn = (answer: Answer): Upload => v.parse(upload, ok(answer, 200));

/** Checks that an answer is a problem document of this status. @returns its detail */
export function problemIn(answer: Answer, status: number): string {
  assert.equal(answer.status, status, answer.text);
  assert.match(answer.headers.get('content-type') ?? '', /^application\/problem\+json(;|$)/);
  const shape =
    status === 422
      ? v.strictObject({ ...problemFields, status_code: v.literal(10422), data: v.null() })
      : v.strictObject(problemFields);
  const problem = v.parse(shape, answer.json);
  assert.equal(problem.status, status);
  assert.equal(problem.message, problem.detail);
  assert.equal(answer.headers.get('access-control-allow-origin'), '*');
  assert.ok(answer.headers.get('x-request-id'));
  return problem.detail;
}

/** The bare uuid of a post. */
export function uuidOf({ id }: { id: string }): string {
  const uuid = id.split('#')[1];
  assert.ok(uuid);
  return uuid;
}

function ok(answer: Answer, status: number): unknown {
  assert.equal(answer.status, status, answer.text);
  assert.match(answer.headers.get('content-type') ?? '', /^application\/json(;|$)/);
  return answer.json;
}

function checked<T extends Post>(found: T): T {
  assert.deepEqual(found.label, found.labels, 'label and labels are one list');
  assert.equal(found.labels !== undefined, found.status === 'labelled');
  assert.equal(found.error !== undefined, found.status === 'failed');
  return found;
}
