// Needs nothing but HTTP: POSTAGRAM_URL=http://… checks a service that runs already.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, describe, it } from 'node:test';
import { createdIn, postsIn, problemIn } from '../support/shapes.ts';
import { openService } from '../support/service.ts';

const { call } = await openService({ after });
const user = `user ${randomUUID()}`;
const good = { title: 'a title', body: 'a text' };

describe('a body that is not JSON', () => {
  const bodies = {
    'no body': Buffer.alloc(0),
    'a word': Buffer.from('hello'),
    'half of an object': Buffer.from('{"title": "a", "body"'),
    'a form': Buffer.from('title=a&body=b'),
    'two values': Buffer.from('{}{}'),
    'JSON in latin-1': Buffer.from('{"title":"Rémi","body":"b"}', 'latin1'),
  };
  for (const [what, body] of Object.entries(bodies)) {
    it(`gets 400: ${what}`, async () => {
      problemIn(await call('POST', '/posts', { user, body }), 400);
    });
  }
});

describe('a post that is not one', () => {
  const rows: [string, unknown, RegExp][] = [
    ['no title', { body: 'b' }, /title/],
    ['no text', { title: 't' }, /body/],
    ['an empty title', { title: '', body: 'b' }, /title/],
    ['an empty text', { title: 't', body: '' }, /body/],
    ['a title that is a number', { title: 1, body: 'b' }, /title/],
    ['a text that is null', { title: 't', body: null }, /body/],
    ['a text that is a list', { title: 't', body: ['b'] }, /body/],
    ['half a surrogate pair', { title: 't\ud83d', body: 'b' }, /title/],
    ['a list', [good], /title|body/],
    ['null', null, /body/],
    ['a text', 'title', /body/],
    ['a number', 3, /body/],
  ];
  for (const [what, body, field] of rows) {
    it(`gets 422 naming the field: ${what}`, async () => {
      assert.match(problemIn(await call('POST', '/posts', { user, body }), 422), field);
    });
  }

  it('is not stored', async () => {
    assert.deepEqual(postsIn(await call('GET', `/posts?user=${user}`)), []);
  });
});

describe('nobody', () => {
  const uuid = randomUUID();
  const rows: [string, string][] = [
    ['POST', '/posts'],
    ['PATCH', `/posts/${uuid}`],
    ['DELETE', `/posts/${uuid}`],
    ['DELETE', `/posts/${uuid}/image`],
    ['GET', `/signedUrlPut?filename=a.jpg&filetype=image/jpeg&postId=${uuid}`],
    ['GET', `/getSignedUrlPut?filename=a.jpg&filetype=image/jpeg&postId=${uuid}`],
  ];
  for (const [method, path] of rows) {
    it(`gets 401 from ${method} ${path.split('?')[0]}`, async () => {
      const body = method === 'POST' || method === 'PATCH' ? { body: good } : {};
      problemIn(await call(method, path, body), 401);
      problemIn(await call(method, path, { ...body, user: '' }), 401);
    });
  }
});

describe('an id that is not one', () => {
  for (const id of ['1', 'POST%23', `POST%23${randomUUID()}x`, `USER%23${randomUUID()}`, '%00', 'a%2Fb']) {
    it(`gets 422: ${id}`, async () => {
      assert.match(problemIn(await call('GET', `/posts/${id}`), 422), /id/);
      for (const path of [`/posts/${id}`, `/posts/${id}/image`])
        assert.match(problemIn(await call('DELETE', path, { user }), 422), /id/);
      assert.match(problemIn(await call('PATCH', `/posts/${id}`, { user, body: good }), 422), /id/);
    });
  }

  it('gets 400 when it is not percent-encoding', async () => {
    problemIn(await call('GET', '/posts/%E0%A4%A'), 400);
  });
});

describe('a path', () => {
  for (const path of ['/nothing', '/posts/a/b', '/posts/', '/Posts', '/health/', '/signedUrlPut/x']) {
    it(`gets 404 when there is nothing: ${path}`, async () => {
      problemIn(await call('GET', path), 404);
      problemIn(await call('DELETE', path, { user }), 404);
    });
  }

  const rows: [string, string, string[]][] = [
    ['DELETE', '/posts', ['GET', 'HEAD', 'POST']],
    ['PUT', '/posts', ['GET', 'HEAD', 'POST']],
    ['PUT', `/posts/${randomUUID()}`, ['GET', 'HEAD', 'PATCH', 'DELETE']],
    ['POST', `/posts/${randomUUID()}`, ['GET', 'HEAD', 'PATCH', 'DELETE']],
    ['POST', `/posts/${randomUUID()}/image`, ['GET', 'HEAD', 'DELETE']],
    ['POST', '/labels', ['GET', 'HEAD']],
    ['POST', '/signedUrlPut', ['GET', 'HEAD']],
    ['POST', '/getSignedUrlPut', ['GET', 'HEAD']],
    ['POST', '/health', ['GET', 'HEAD']],
  ];
  for (const [method, path, methods] of rows) {
    it(`gets 405 with Allow for ${method} ${path}`, async () => {
      const answer = await call(method, path, { user });
      problemIn(answer, 405);
      const allow = (answer.headers.get('allow') ?? '').split(',').map((name) => name.trim());
      assert.deepEqual(allow.filter((name) => name !== 'OPTIONS').toSorted(), methods.toSorted());
    });
  }
});

it('every answer has an id of its own', async () => {
  const seen = new Set<string | null>();
  for (let i = 0; i < 5; i++) {
    for (const path of ['/health', '/posts', '/nothing']) {
      seen.add((await call('GET', path)).headers.get('x-request-id'));
    }
    seen.add((await call('OPTIONS', '/posts')).headers.get('x-request-id'));
  }
  assert.equal(seen.size, 20);
  assert.ok(!seen.has(null));
});

it('a good post is stored after all these refusals', async () => {
  createdIn(await call('POST', '/posts', { user, body: good }));
});
