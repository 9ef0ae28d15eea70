/** What API Gateway hands to a function, and what it may answer. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createLambdaHandler, MAX_ANSWER } from '../../src/http/lambda.ts';
import { options, routes } from './sample-routes.ts';

describe('an event', () => {
  const handler = createLambdaHandler(routes, options([]));
  const rest = { httpMethod: 'GET', path: '/headers', headers: null, multiValueHeaders: null, body: null };

  it('may lack all that can be absent', async () => {
    const minimal = { version: '2.0', rawPath: '/headers', requestContext: { http: { method: 'GET' } } };
    for (const event of [rest, minimal]) assert.equal((await handler(event)).statusCode, 200);
  });

  it('has headers that come twice joined, as the server has them: nobody is two', async () => {
    const multiValueHeaders = { Authorization: ['ada', 'eve'], 'X-Many': ['1', '2'], Cookie: ['a=1', 'b=2'] };
    const { body } = await handler({ ...rest, multiValueHeaders });
    assert.deepEqual(JSON.parse(body), { authorization: 'ada, eve', many: '1, 2', cookie: 'a=1; b=2' });
  });

  it('has a body in clear or in base64', async () => {
    const post = { httpMethod: 'POST', path: '/things', body: '{"a":"é"}' };
    const base64 = { ...post, body: Buffer.from(post.body).toString('base64'), isBase64Encoded: true };
    for (const event of [post, base64])
      assert.deepEqual(JSON.parse((await handler(event)).body), { got: { a: 'é' } });
  });

  it('of no API Gateway is refused', async () => {
    for (const event of [undefined, null, 1, {}, { Records: [] }, { httpMethod: 1, path: '/' }])
      await assert.rejects(handler(event), { name: 'TypeError' });
  });
});

const answerOf = async (body: unknown, method = 'GET') => {
  const handler = createLambdaHandler({ 'GET /': () => ({ body }) }, options([]));
  return handler({ httpMethod: method, path: '/', headers: {}, body: null });
};

describe('an answer', () => {
  it('of as much as a function may answer is whole, and beyond a 413', async () => {
    const most = MAX_ANSWER - 20_000;
    assert.equal((await answerOf('x'.repeat(most))).statusCode, 200);
    const photo = Buffer.alloc((most * 3) / 4);
    assert.equal((await answerOf(photo)).statusCode, 200);
    // A quote takes two bytes on its way.
    for (const body of ['x'.repeat(MAX_ANSWER), '"'.repeat(most / 2), Buffer.alloc(MAX_ANSWER * 0.8)]) {
      const { statusCode, body: problem } = await answerOf(body);
      assert.equal(statusCode, 413);
      assert.match(problem, /The answer is longer than 6291456 bytes/);
    }
  });

  it('that is a list ends at the bound: the rest is not read', async () => {
    let read = 0;
    async function* endless() {
      for (;;) {
        read++;
        yield ['x'.repeat(1024 * 1024)];
      }
    }
    assert.equal((await answerOf(endless())).statusCode, 413);
    assert.equal(read, 6);
  });

  it("has no header of the connection, which is API Gateway's", async () => {
    const handler = createLambdaHandler(routes, options([]));
    const event = { httpMethod: 'PUT', path: '/things/raw', body: 'x'.repeat(101) };
    const { statusCode, headers } = await handler(event);
    assert.equal(statusCode, 413);
    assert.equal(headers.connection, undefined);
  });

  it('to HEAD reads no list', async () => {
    let closed = false;
    const list = {
      [Symbol.asyncIterator]: () => ({
        next: () => assert.fail('read'),
        return: async () => {
          closed = true;
          return { done: true as const, value: undefined };
        },
      }),
    };
    const { statusCode, body } = await answerOf(list, 'HEAD');
    assert.deepEqual([statusCode, body, closed], [200, '', true]);
  });
});
