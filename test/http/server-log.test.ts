import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { gate, startFaultProxy, type Verdict } from '../support/fault-proxy.ts';
import { openCloud, startServer } from '../support/service.ts';
import { createdIn, uuidOf } from '../support/shapes.ts';

const { env } = await openCloud({ after }, { labels: false });

/** What may be logged of an error. */
const SHOWN = new Set(['name', 'message', 'code', 'status', 'requestId', 'stack', 'cause']);

/** An error of S3's. */
const xml = (code: string, message: string, more: string) =>
  `<?xml version="1.0"?><Error><Code>${code}</Code><Message>${message}</Message><RequestId>R1</RequestId>${more}</Error>`;

async function open(url: string) {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  await once(socket, 'connect');
  return socket;
}

it('there is one line a request, with its id, method, route, status and milliseconds', async (t) => {
  const { call, logs, logged } = await startServer(t, env);
  const secret = `secret-${randomUUID()}`;
  const body = { title: secret, body: secret };
  const created = await call('POST', '/posts', { user: secret, body });
  const uuid = uuidOf(createdIn(created));
  const answers: [string, string | undefined, number, Awaited<ReturnType<typeof call>>][] = [
    ['POST', '/posts', 201, created],
    ['GET', '/posts', 200, await call('GET', `/posts?user=${secret}`)],
    ['GET', '/posts/:id', 404, await call('GET', `/posts/${randomUUID()}`)],
    ['POST', '/posts', 422, await call('POST', '/posts', { user: secret, body: { title: secret } })],
    ['GET', undefined, 404, await call('GET', `/${secret}`)],
    ['PUT', '/posts', 405, await call('PUT', '/posts')],
    ['DELETE', '/posts/:id', 200, await call('DELETE', `/posts/${uuid}`, { user: secret })],
  ];
  for (const [method, route, status, answer] of answers) {
    const id = answer.headers.get('x-request-id');
    const line = await logged((found) => found.id === id);
    assert.deepEqual([line.method, line.route, line.status], [method, route, status]);
    assert.ok(typeof line.ms === 'number' && line.ms >= 0);
    assert.equal(logs.filter((found) => found.id === id).length, 1);
    assert.equal(line.error, undefined);
  }
  assert.ok(!JSON.stringify(logs).includes(secret), 'no body, query, path or header of a caller is logged');
});

it('of what the web app answers the file is logged, and of no path what was sent', async (t) => {
  const root = await mkdtemp(join(tmpdir(), 'postagram-site-'));
  t.after(() => rm(root, { recursive: true }));
  await writeFile(join(root, 'index.html'), '<!doctype html><title>Postagram</title>');
  await writeFile(join(root, 'app.js'), '');
  const { url, logged, logs } = await startServer(t, { ...env, WEB_ROOT: root });
  const rows: [target: string, status: number, logged: string | undefined][] = [
    ['/app.js?token=secret', 200, '/app.js'],
    ['/?token=secret', 200, '/index.html'],
    // A screen of the app, whose address has a user's name.
    ['/u/Someone%20Private', 200, '/index.html'],
    ['/private-nothing.png?token=secret', 404, undefined],
  ];
  for (const [target, status, path] of rows) {
    const answer = await fetch(url + target, { headers: { accept: 'text/html' } });
    await answer.arrayBuffer();
    const line = await logged(({ id }) => id === answer.headers.get('x-request-id'));
    assert.deepEqual([line.status, line.route, line.path], [status, undefined, path]);
  }
  const known = await fetch(`${url}/posts`);
  await known.arrayBuffer();
  const line = await logged(({ id }) => id === known.headers.get('x-request-id'));
  assert.deepEqual([line.route, line.path], ['/posts', undefined]);
  assert.doesNotMatch(JSON.stringify(logs), /secret|private/i);
});

describe('a client that leaves', () => {
  it('while it sends its body is logged as aborted, with 499 and no status that nobody got', async (t) => {
    const { url, logged } = await startServer(t, env);
    const socket = await open(url);
    socket.write('POST /posts HTTP/1.1\r\nhost: x\r\nauthorization: a\r\ncontent-length: 99\r\n\r\n{"ti');
    socket.destroy();
    const line = await logged(({ method }) => method === 'POST');
    assert.deepEqual([line.status, line.aborted, line.error], [499, true, undefined]);
  });

  const denied: Verdict = { status: 400, body: '{"__type":"x#AccessDeniedException"}' };
  const rows: [string, Verdict, string | undefined][] = [
    ['/posts?limit=1', 'pass', undefined],
    ['/posts', 'pass', undefined],
    // The cause is not lost with the client.
    ['/posts?limit=1', denied, 'AccessDeniedException'],
  ];
  for (const [path, verdict, error] of rows) {
    it(`while the database works is logged the same way: ${path}, ${error ?? 'no error'}`, async (t) => {
      const dynamo = await startFaultProxy(t, env.AWS_ENDPOINT_URL_DYNAMODB ?? '');
      const { url, logged } = await startServer(t, { ...env, AWS_ENDPOINT_URL_DYNAMODB: dynamo.url });
      const [arrived, gone] = [gate(), gate()];
      dynamo.decide = async () => {
        arrived.open();
        await gone.opened;
        return verdict;
      };
      const socket = await open(url);
      socket.write(`GET ${path} HTTP/1.1\r\nhost: x\r\n\r\n`);
      await arrived.opened;
      socket.resetAndDestroy();
      // Whoever connects later is accepted after that was noticed.
      assert.equal((await fetch(new URL('/health', url))).status, 200);
      gone.open();
      const line = await logged(({ route }) => route === '/posts');
      assert.deepEqual([line.status, line.aborted, line.error], [499, true, error]);
    });
  }
});

it('what S3 and the database say of a failure is logged without keys, user names or queries', async (t) => {
  const [dynamo, s3] = [
    await startFaultProxy(t, env.AWS_ENDPOINT_URL_DYNAMODB ?? ''),
    await startFaultProxy(t, env.AWS_ENDPOINT_URL_S3 ?? ''),
  ];
  const { call, logs, logged } = await startServer(t, {
    ...env,
    AWS_ENDPOINT_URL_DYNAMODB: dynamo.url,
    AWS_ENDPOINT_URL_S3: s3.url,
  });
  const user = 'Someone Private';
  const uuid = uuidOf(createdIn(await call('POST', '/posts', { user, body: { title: 't', body: 'b' } })));
  const key = `${user}/${uuid}/photo of me.jpg`;
  const denied = `not authorized to perform: s3:ListBucket on resource: "arn:aws:s3:::images/${key}" because no policy allows it`;
  const failures: Verdict[] = [
    { status: 403, body: xml('AccessDenied', denied, `<Key>${key}</Key>`) },
    {
      status: 403,
      body: xml('SignatureDoesNotMatch', 'differs', `<CanonicalRequest>prefix=${key}</CanonicalRequest>`),
    },
    { status: 400, body: `not XML: ${key}` },
    'cut',
  ];
  for (const failure of failures) {
    s3.decide = () => failure;
    const answer = await call('DELETE', `/posts/${uuid}?token=${user}`, { user });
    assert.ok(answer.status >= 500);
    const { err } = await logged(
      ({ id, err: told }) => told !== undefined && id === answer.headers.get('x-request-id'),
    );
    // `err` of pino is an object.
    assert.deepEqual(
      Object.keys(err as object).filter((name) => !SHOWN.has(name)),
      [],
    );
  }
  const text = JSON.stringify(logs);
  assert.doesNotMatch(text, /Private|photo of me|token/);
  assert.match(text, /AccessDenied.*because no policy allows it/);
});
