import assert from 'node:assert/strict';
import { after, beforeEach, describe, it } from 'node:test';
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

beforeEach(() => {
  dynamo.decide = () => 'pass';
});

const SECRET = 'arn:aws:dynamodb:eu-west-1:123456789012:table/private';
const FORBIDDEN: Verdict = {
  status: 400,
  body: `{"__type":"com.amazon.coral.service#AccessDeniedException","Message":"not authorized on ${SECRET}"}`,
};
const refusals: Record<string, Verdict> = {
  'cannot be reached': 'cut',
  'forbids the call': FORBIDDEN,
  'has no such table': {
    status: 400,
    body: `{"__type":"com.amazonaws.dynamodb.v20120810#ResourceNotFoundException","message":"no ${SECRET}"}`,
  },
};

describe('when the database', () => {
  for (const [what, verdict] of Object.entries(refusals)) {
    it(`${what}, the caller learns no cause and the log has it under the id of the request`, async () => {
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
        problemIn(answer, 500);
        assert.doesNotMatch(
          answer.text,
          /arn:|authorized|table|ECONN|hang up|other side|dynamo|private|127\.0\.0\.1/i,
        );
        const line = await logged(({ id: requestId }) => requestId === answer.headers.get('x-request-id'));
        assert.equal(line.route, route);
        assert.equal(line.status, 500);
        assert.match(
          JSON.stringify(line.err),
          verdict === 'cut' ? /other side closed|ECONNRESET/ : /123456789012/,
        );
      }
    });
  }

  it('is back, everything works again', async () => {
    createdIn(await call('POST', '/posts', { user, body: draft }));
  });
});

describe('a list that breaks off', () => {
  const many = writePosts(env, { user: 'Many', count: 5000 });

  // 500 posts a page are asked for: Many has 10 pages, each of four shards 3. The first two are fetched before the
  // answer begins.
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
      const line = await logged(({ id }) => id === response.headers.get('x-request-id'));
      assert.match(JSON.stringify(line.err), /123456789012/);
      assert.equal(line.aborted, undefined);
    });
  }

  it('gets an honest status when it breaks before its first byte', async () => {
    dynamo.decide = ({ body }) => (body.includes('SHARD#2') ? FORBIDDEN : 'pass');
    problemIn(await call('GET', '/posts'), 500);
  });
});
