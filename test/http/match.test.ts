import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { HttpError, NO_BOUND, type Reply } from '../../src/http/call.ts';
import { compileRoutes } from '../../src/http/match.ts';

const is400 = (error: unknown) => error instanceof HttpError && error.status === 400;
const named = (name: string) => (): Reply => ({ body: name });
const match = compileRoutes({
  'GET /a': named('a'),
  'POST /a': named('new a'),
  'GET /a/:id': named('one a'),
  'DELETE /a/:id': named('no a'),
  'GET /a/:id/b/:name': named('b of a'),
  'GET /': named('root'),
});

describe('a path', () => {
  // [method, path, pattern, parameters]
  const found: [string, string, string, Record<string, string>][] = [
    ['GET', '/', '/', {}],
    ['GET', '/a', '/a', {}],
    ['HEAD', '/a', '/a', {}],
    ['POST', '/a', '/a', {}],
    ['GET', '/a/1', '/a/:id', { id: '1' }],
    ['DELETE', '/a/1', '/a/:id', { id: '1' }],
    ['GET', '/a/POST%231', '/a/:id', { id: 'POST#1' }],
    ['GET', '/a/x%2Fy', '/a/:id', { id: 'x/y' }],
    ['GET', '/a/%C3%A9', '/a/:id', { id: 'é' }],
    ['GET', '/a/..', '/a/:id', { id: '..' }],
    ['GET', '/a/__proto__/b/constructor', '/a/:id/b/:name', { id: '__proto__', name: 'constructor' }],
  ];
  for (const [method, path, route, params] of found) {
    it(`${method} ${path} is ${route}`, () => {
      const result = match(method, path);
      assert.equal(result.route, route);
      assert.deepEqual({ ...result.params }, params);
      assert.ok(result.handler);
    });
  }

  it('goes to the handler of its method', () => {
    const call = {
      method: '',
      path: '',
      params: {},
      query: new URLSearchParams(),
      headers: {},
      address: '',
      memory: NO_BOUND,
      json: async () => 1,
      bytes: async () => Buffer.alloc(0),
    };
    assert.deepEqual(match('GET', '/a/1').handler?.(call), { body: 'one a' });
    assert.deepEqual(match('DELETE', '/a/1').handler?.(call), { body: 'no a' });
    assert.deepEqual(match('HEAD', '/a').handler?.(call), { body: 'a' });
  });

  for (const path of ['', '/A', '/a/', '/a//', '/a/1/', '/a/1/b', '/a/1/b/', '/b', '//a', 'a']) {
    it(`${JSON.stringify(path)} is none`, () => {
      const { route, handler, allowed } = match('GET', path);
      assert.deepEqual({ route, handler, allowed }, { route: undefined, handler: undefined, allowed: [] });
    });
  }

  const others: [string, string, string[]][] = [
    ['PUT', '/a', ['GET', 'HEAD', 'POST']],
    ['POST', '/a/1', ['GET', 'HEAD', 'DELETE']],
    ['HEAD2', '/', ['GET', 'HEAD']],
  ];
  for (const [method, path, methods] of others) {
    it(`${path} is not answered to ${method}, and says to what`, () => {
      const { handler, allowed } = match(method, path);
      assert.equal(handler, undefined);
      assert.deepEqual(allowed, methods);
    });
  }

  it('that is no percent-encoding is refused with 400', () => {
    for (const path of ['/a/%', '/a/%zz', '/a/%E0%A4%A']) assert.throws(() => match('GET', path), is400);
  });
});
