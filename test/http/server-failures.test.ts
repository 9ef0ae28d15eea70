import assert from 'node:assert/strict';
import { after, beforeEach, describe, it } from 'node:test';
import { eventually } from '../support/eventually.ts';
import { gate, startFaultProxy, type Verdict } from '../support/fault-proxy.ts';
import type { Answer } from '../support/http-client.ts';
import { writePosts } from '../support/many-posts.ts';
import { openCloud, startServer } from '../support/service.ts';
import { createdIn, postsIn, problemIn, uuidOf } from '../support/shapes.ts';

const { env } = await openCloud({ after }, { labels: false });
const dynamo = await startFaultProxy({ after }, env.AWS_ENDPOINT_URL_DYNAMODB ?? '');
const server = await startServer({ after }, { ...env, AWS_ENDPOINT_URL_DYNAMODB: dynamo.url });
const { call, logged, url } = server;
const user = 'Ann';
const draft = { title: 't', body: 'b' };

/** The line of one request: what is told of a failure has an id too, and no route. */
const lineOf = ({ headers }: { headers: Headers }) =>
  logged(({ id, status }) => status !== undefined && id === headers.get('x-request-id'));

beforeEach(() => {
  dynamo.decide = () => 'pass';
});

const SECRET = 'arn:aws:dynamodb:eu-west-1:123456789012:table/private';
const FORBIDDEN: Verdict = {
  status: 400,
  body: `{"__type":"com.amazon.coral.service#AccessDeniedException","Message":"not authorized on ${SECRET}"}`,
};
const NO_TABLE: Verdict = {
  status: 400,
  body: `{"__type":"com.amazonaws.dynamodb.v20120810#ResourceNotFoundException","message":"no ${SECRET}"}`,
};
const THROTTLED: Verdict = {
  status: 400,
  body: `{"__type":"com.amazonaws.dynamodb.v20120810#ThrottlingException","message":"slower on ${SECRET}"}`,
};
const FAILING: Verdict = {
  status: 500,
  body: `{"__type":"com.amazonaws.dynamodb.v20120810#InternalServerError","message":"on ${SECRET}"}`,
};
const failures: [string, Verdict, number, RegExp][] = [
  ['forbids the call', FORBIDDEN, 500, /123456789012/],
  ['has no such table', NO_TABLE, 500, /123456789012/],
  ['cannot be reached', 'cut', 503, /other side closed|ECONNRESET/],
  ['throttles', THROTTLED, 503, /123456789012/],
  ['fails by itself', FAILING, 503, /123456789012/],
];

describe('when the database', () => {
  for (const [what, verdict, status, cause] of failures) {
    it(`${what}, the caller gets ${status} and learns no cause; the log names it under the id of the request`, async () => {
      const { id } = createdIn(await call('POST', '/posts', { user, body: draft }));
      dynamo.decide = () => verdict;
      const uuid = uuidOf({ id });
      const answers: [string, Answer][] = [
        ['/posts', await call('POST', '/posts', { user, body: draft })],
        ['/posts', await call('GET', '/posts')],
        ['/posts', await call('GET', '/posts?user=Ann&limit=3')],
        ['/posts/:id', await call('GET', `/posts/${uuid}`)],
        ['/posts/:id', await call('DELETE', `/posts/${uuid}`, { user })],
        [
          '/signedUrlPut',
          await call('GET', `/signedUrlPut?filename=a&filetype=image/png&postId=${uuid}`, { user }),
        ],
      ];
      for (const [route, answer] of answers) {
        problemIn(answer, status);
        assert.equal(answer.headers.get('retry-after'), status === 503 ? '2' : null);
        assert.doesNotMatch(
          answer.text,
          /arn:|authorized|slower|table|ECONN|hang up|other side|dynamo|private|127\.0\.0\.1/i,
        );
        const line = await lineOf(answer);
        assert.deepEqual([line.route, line.status], [route, status]);
        assert.deepEqual(
          [typeof line.error, line.err],
          ['string', undefined],
          'a short line, without a stack',
        );
        await logged(({ error, err }) => error === line.error && cause.test(JSON.stringify(err)));
      }
      const health = await call('GET', '/health');
      assert.equal(health.status, 200);
    });
  }

  it('fails many requests, the log has one short line for each, and the cause once a second with a count', async (t) => {
    const count = 60;
    const {
      call: ask,
      logs,
      url: at,
    } = await startServer(t, { ...env, AWS_ENDPOINT_URL_DYNAMODB: dynamo.url });
    dynamo.decide = () => NO_TABLE;
    const began = performance.now();
    await Promise.all(
      Array.from({ length: count }, async () => problemIn(await ask('GET', '/posts?user=Ann'), 500)),
    );
    // The last of them are told within a second.
    await eventually(() => {
      const told = logs.flatMap((line) => (typeof line.count === 'number' ? line.count : []));
      assert.equal(
        told.reduce((sum, n) => sum + n, 0),
        count,
      );
      assert.ok(told.length <= 2 + (performance.now() - began) / 1000, `${told.length} causes`);
    });
    assert.equal(logs.filter(({ status }) => status === 500).length, count);
    assert.equal((await fetch(new URL('/health', at))).status, 200);
  });

  it('is back, everything works again', async () => {
    createdIn(await call('POST', '/posts', { user, body: draft }));
  });
});

describe('a list that breaks off', () => {
  const many = writePosts(env, { user: 'Many', count: 5000 });

  // 300 posts a page are asked for at the most: Many has 17 pages at least, each of four shards 4.
  for (const [path, goodPages] of [
    ['/posts?user=Many', 4],
    ['/posts', 9],
  ] as const) {
    it(`destroys the connection instead of ending in a shorter array: ${path}`, async () => {
      await many;
      const whole = postsIn(await call('GET', path)).length;
      let pages = 0;
      const read = gate();
      dynamo.decide = async (): Promise<Verdict> => {
        pages += 1;
        if (pages <= goodPages) return 'pass';
        // A failure that comes before the reader has looked leaves nothing to read.
        await read.opened;
        return FORBIDDEN;
      };
      const response = await fetch(new URL(path, url));
      assert.equal(response.status, 200);
      let text = '';
      await assert.rejects(async () => {
        assert.ok(response.body);
        for await (const chunk of response.body.pipeThrough(new TextDecoderStream())) {
          text += chunk;
          read.open();
        }
      }, /terminated/);
      assert.ok(text.length > 0 && text.split('"createdAt"').length - 1 < whole);
      assert.throws(() => JSON.parse(text), SyntaxError);
      const line = await lineOf(response);
      assert.deepEqual([line.error, line.aborted], ['AccessDeniedException', undefined]);
    });
  }

  it('gets an honest status when it breaks before its first byte', async () => {
    dynamo.decide = ({ body }) => (body.includes('SHARD#2') ? FORBIDDEN : 'pass');
    problemIn(await call('GET', '/posts'), 500);
  });
});
