/** The cases under load: what is asked, of which table, and what a right answer looks like. */
import { tables, userCount, userOf, uuidOf, type TableContent } from './database/data.ts';
import type { Request } from './load.ts';

export type Case = {
  title: string;
  table: TableContent;
  connections: number;
  requests: () => Request[];
  /** Throws, saying why, when a contender does not do the case's work. */
  check: (status: number, body: string) => void;
  /** The SDK call alone that the case cannot do without, if it is worth measuring. */
  bare?: 'put' | 'query' | 'scan';
  /** No peer has pages: this server alone is measured, with `table` and with 100,000 posts. */
  growing?: true;
};

const users = Array.from({ length: userCount }, (_, index) => userOf(index));
const connections = 16;
const twenty: Pick<Case, 'connections' | 'bare' | 'requests'> = {
  connections,
  bare: 'query',
  requests: () => users.map((user) => ({ method: 'GET', path: `/posts?user=${user}`, user })),
};

export const cases: Record<string, Case> = {
  a: {
    title: 'POST /posts',
    table: tables.plain,
    connections,
    bare: 'put',
    requests: () => users.map((user) => ({ method: 'POST', path: '/posts', user, body: newPost })),
    check: (status) => expect(status === 201, `status ${status}`),
  },
  b: {
    title: 'GET /posts?user= (20 posts, no image)',
    table: tables.plain,
    ...twenty,
    check: expectPosts(20, false),
  },
  c: {
    title: 'GET /posts?user= (20 posts with image)',
    table: tables.photos,
    ...twenty,
    check: expectPosts(20, true),
  },
  d: {
    title: 'GET /posts (1,000 posts with image)',
    table: tables.photos,
    connections: 2,
    bare: 'scan',
    requests: () => [{ method: 'GET', path: '/posts', user: userOf(0) }],
    check: expectPosts(1_000, true),
  },
  e: {
    title: 'GET /signedUrlPut, own post remembered',
    table: tables.plain,
    connections,
    requests: () => signedUrlPut(userCount),
    check: expectUpload,
  },
  // 100,000 posts in turn: none comes again within the 5 s that a server may remember whose it is.
  'e-cold': {
    title: 'GET /signedUrlPut, own post looked up',
    table: tables.many,
    connections,
    requests: () => signedUrlPut(tables.many.count),
    check: expectUpload,
  },
  f: {
    title: 'GET /posts?limit=20, of 1,000 and of 100,000',
    table: tables.photos,
    connections,
    growing: true,
    requests: () => [{ method: 'GET', path: '/posts?limit=20' }],
    check: expectPosts(20, true),
  },
  'f-br': {
    title: 'GET /posts?limit=20, compressed (br)',
    table: tables.photos,
    connections,
    growing: true,
    requests: () => [{ method: 'GET', path: '/posts?limit=20', accepted: 'br' }],
    check: expectPosts(20, true),
  },
  'f-304': {
    title: 'GET /posts?limit=20, which the caller has',
    table: tables.photos,
    connections,
    growing: true,
    // Any tag: that of the answer is not known before the server runs.
    requests: () => [{ method: 'GET', path: '/posts?limit=20', accepted: 'br', tags: '*' }],
    check: (status, body) => expect(status === 304 && body === '', `status ${status}`),
  },
  // With 100,000 posts 37,500 have the label, with 1,000 there are 375.
  label: {
    title: 'GET /posts?label=Cat&limit=20, of 1,000 and of 100,000',
    table: tables.photos,
    connections,
    growing: true,
    requests: () => [{ method: 'GET', path: '/posts?label=Cat&limit=20' }],
    check: expectPosts(20, true),
  },
  // What compressing costs where nothing is shared.
  'c-br': {
    title: 'GET /posts?user= (20 posts with image), compressed (br)',
    table: tables.photos,
    connections,
    growing: true,
    requests: () =>
      users.map((user) => ({ method: 'GET', path: `/posts?user=${user}&limit=20`, accepted: 'br' })),
    check: expectPosts(20, true),
  },
};

const newPost = JSON.stringify({
  title: 'Coucher de soleil à Étretat',
  body: 'Taken this morning on the way to work; the light was gone a minute later. Première photo du jour.',
});

/** The first `count` posts of the table, each asked for by its author. */
function signedUrlPut(count: number): Request[] {
  return Array.from({ length: count }, (_, index) => ({
    method: 'GET',
    path: `/signedUrlPut?filename=IMG_${1000 + (index % 9000)}.jpg&filetype=image/jpeg&postId=${uuidOf(index)}`,
    user: userOf(index),
  }));
}

function expectPosts(count: number, photos: boolean) {
  return (status: number, body: string) => {
    expect(status === 200, `status ${status}`);
    // Only compared with what every contender must give: no other field is touched.
    const posts = JSON.parse(body) as { title?: string; image?: string; labels?: string[] }[];
    expect(posts.length === count, `${posts.length} posts instead of ${count}`);
    expect(new Set(posts.map(({ title }) => title)).size === count, 'a post comes twice');
    const signed = posts.filter(
      ({ image, labels }) => image?.includes('X-Amz-Signature=') && labels?.length === 3,
    );
    expect(signed.length === (photos ? count : 0), `${signed.length} posts with a signed image and labels`);
  };
}

function expectUpload(status: number, body: string): void {
  expect(status === 200, `status ${status}`);
  expect(body.includes('X-Amz-Signature='), 'no signed URL');
}

function expect(truth: boolean, otherwise: string): void {
  if (!truth) throw new Error(otherwise);
}
