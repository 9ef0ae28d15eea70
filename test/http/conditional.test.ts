import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { after, describe, it } from 'node:test';
import { createRouter } from '../../router.ts';
import type { RequestLine } from '../../src/http/answer.ts';
import { HttpError, type Routes } from '../../src/http/call.ts';
import { isKnown, revalidated } from '../../src/http/content/conditional.ts';
import { JsonText } from '../../src/http/content/json-text.ts';
import { createLambdaHandler } from '../../src/http/lambda.ts';

describe('If-None-Match', () => {
  const rows: [string, string | undefined, boolean][] = [
    ['"a"', '"a"', true],
    ['W/"a"', '"a"', true],
    ['"a"', 'W/"a"', true],
    ['W/"a"', 'W/"a"', true],
    ['"b"', '"a"', false],
    ['"a"', '"A"', false],
    ['"b", W/"a" , "c"', 'W/"a"', true],
    ['"b","a"', '"a"', true],
    // A comma may stand in a tag.
    ['"b,a"', '"a"', false],
    ['"b,a"', 'W/"b,a"', true],
    ['*', '"a"', true],
    [' * ', 'W/"a"', true],
    ['*', undefined, false],
    ['"*"', '"a"', false],
    ['a', '"a"', false],
    ['', '"a"', false],
  ];
  for (const [asked, tag, known] of rows)
    it(`${asked} ${known ? 'knows' : 'does not know'} ${tag ?? 'what has no tag'}`, () => {
      assert.equal(isKnown(asked, tag), known);
    });
});

const small = new JsonText('["small"]');
const large = new JsonText(JSON.stringify('x'.repeat(5_000)));
const routes: Routes = {
  'GET /small': () => ({ headers: revalidated(small), body: small }),
  'GET /large': () => ({ headers: { ...revalidated(large), link: '</next>; rel="next"' }, body: large }),
  'GET /untagged': () => ({ body: 'x' }),
  'GET /created': () => ({ status: 201, headers: revalidated(small), body: small }),
  'GET /gone': () => {
    throw new HttpError(404, 'Gone.', { etag: small.tag() });
  },
  'POST /small': () => ({ headers: revalidated(small), body: small }),
};
const lines: RequestLine[] = [];
const server = createServer(
  createRouter(routes, {
    cors: ['https://a.example'],
    log: (line) => void ('status' in line && lines.push(line)),
  }),
);
await once(server.listen(0, '127.0.0.1'), 'listening');
after(() => void server.close());
// A server that listens on TCP has an AddressInfo.
const { port } = server.address() as AddressInfo;

type Answer = { status: number; headers: IncomingHttpHeaders; text: string };

async function ask(path: string, headers: Record<string, string>, method = 'GET'): Promise<Answer> {
  const sent = request({ host: '127.0.0.1', port, path, method, headers, agent: false }).end();
  const [response] = await once(sent, 'response');
  return { status: response.statusCode, headers: response.headers, text: String(await buffer(response)) };
}

describe('who has an answer already', () => {
  for (const method of ['GET', 'HEAD']) {
    it(`is told so without a body: ${method}`, async () => {
      const first = await ask('/large', {});
      const { status, headers, text } = await ask(
        '/large',
        { 'if-none-match': first.headers.etag ?? '' },
        method,
      );
      assert.deepEqual([status, text], [304, '']);
      // As RFC 9110 has it: what the 200 would say of caches, and nothing of its body.
      assert.equal(headers.etag, first.headers.etag);
      assert.equal(headers['cache-control'], 'private, no-cache');
      assert.equal(headers.vary, first.headers.vary);
      for (const name of ['content-type', 'content-length', 'content-encoding', 'transfer-encoding', 'link'])
        assert.equal(headers[name], undefined, name);
      assert.match(headers['x-request-id']?.toString() ?? '', /^[0-9a-f-]{36}$/);
      assert.equal(lines.at(-1)?.status, 304);
    });
  }

  it('is told so however it was compressed, and is to be now', async () => {
    const tags = new Set<string>();
    for (const coding of ['br', 'gzip', 'identity'])
      tags.add((await ask('/large', { 'accept-encoding': coding })).headers.etag ?? '');
    assert.equal(tags.size, 1);
    const [tag = ''] = tags;
    assert.match(tag, /^W\//);
    for (const coding of ['br', 'gzip', 'identity']) {
      const { status, headers } = await ask('/large', { 'accept-encoding': coding, 'if-none-match': tag });
      assert.equal(status, 304);
      assert.equal(headers['content-encoding'], undefined);
      assert.match(headers.vary ?? '', /Accept-Encoding/);
    }
  });

  it('may be a page of another origin', async () => {
    const origin = { origin: 'https://a.example' };
    const { headers } = await ask('/small', origin);
    const known = await ask('/small', { ...origin, 'if-none-match': headers.etag ?? '' });
    assert.equal(known.status, 304);
    assert.equal(known.headers['access-control-allow-origin'], 'https://a.example');
    assert.match(known.headers['access-control-expose-headers'] ?? '', /\bETag\b/);
    assert.equal(known.headers.vary, 'Origin');
  });
});

it('who has another answer gets this one', async () => {
  const { status, headers, text } = await ask('/small', { 'if-none-match': large.tag() });
  assert.deepEqual([status, text, headers.etag], [200, '["small"]', small.tag()]);
});

it('only what is read and was found is answered 304', async () => {
  const any = { 'if-none-match': '*' };
  assert.equal((await ask('/small', any)).status, 304);
  assert.equal((await ask('/small', any, 'POST')).status, 200);
  assert.equal((await ask('/untagged', any)).status, 200);
  assert.equal((await ask('/created', any)).status, 201);
  assert.equal((await ask('/gone', any)).status, 404);
});

it('a tag is of the text and of what the headers say', () => {
  const text = new JsonText('[1]');
  assert.equal(text.tag(), new JsonText('[1]').tag());
  assert.notEqual(text.tag(), new JsonText('[2]').tag());
  assert.notEqual(text.tag('a'), text.tag('b'));
});

it('a function answers 304 too, and compresses nothing', async () => {
  const handler = createLambdaHandler(routes, { cors: '*', log: () => undefined });
  const event = { httpMethod: 'GET', path: '/large', headers: { 'accept-encoding': 'br, gzip' } };
  const found = await handler(event);
  assert.equal(found.statusCode, 200);
  assert.equal(found.body, String(large.bytes));
  assert.equal(found.isBase64Encoded, false);
  assert.equal(found.headers['content-encoding'], undefined);
  const known = await handler({ ...event, headers: { 'if-none-match': found.headers.etag } });
  assert.deepEqual([known.statusCode, known.body], [304, '']);
});
