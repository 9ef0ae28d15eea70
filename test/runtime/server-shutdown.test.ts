import assert from 'node:assert/strict';
import { after, it } from 'node:test';
import { idle } from '../../templates/drain-timing.ts';
import { eventually } from '../support/eventually.ts';
import { gate, startFaultProxy, type Verdict } from '../support/fault-proxy.ts';
import { openCloud, type Scope, startServer } from '../support/service.ts';
import { createdIn, postsIn } from '../support/shapes.ts';

const { env } = await openCloud({ after }, { labels: false });

/** A server whose answers from the database wait for the gate. */
async function startHeld(scope: Scope, more: Record<string, string> = {}) {
  const { opened, open } = gate();
  const arrived = gate();
  const dynamo = await startFaultProxy(scope, env.AWS_ENDPOINT_URL_DYNAMODB ?? '');
  const server = await startServer(scope, { ...env, AWS_ENDPOINT_URL_DYNAMODB: dynamo.url, ...more });
  dynamo.decide = async (): Promise<Verdict> => {
    arrived.open();
    await opened;
    return 'pass';
  };
  return { ...server, open, arrived: arrived.opened };
}

const refuses = (url: string) => assert.rejects(fetch(new URL('/health', url)), /fetch failed/);

it('on SIGTERM a request under way is finished, new connections are refused, and the exit code is 0', async (t) => {
  const { call, url, child, exited, open, arrived } = await startHeld(t);
  const body = { title: 'under way', body: 'b' };
  const underWay = call('POST', '/posts', { user: 'Ann', body });
  await arrived;
  child.kill('SIGTERM');
  await eventually(() => refuses(url));
  open();
  const { $metadata: _metadata, ...created } = createdIn(await underWay);
  assert.equal(await exited, 0);
  const again = await startServer(t, env);
  assert.deepEqual(postsIn(await again.call('GET', '/posts?user=Ann')), [created]);
});

it('while draining /health answers 503 and everything else works, on connections that close', async (t) => {
  const { call, child } = await startServer(t, { ...env, DRAIN_SECONDS: '3600' });
  assert.equal((await call('GET', '/health')).status, 200);
  child.kill('SIGTERM');
  const health = await eventually(async () => {
    const answer = await call('GET', '/health');
    assert.equal(answer.status, 503);
    return answer;
  });
  assert.equal(health.headers.get('connection'), 'close');
  const answer = await call('POST', '/posts', { user: 'Bob', body: { title: 't', body: 'b' } });
  createdIn(answer);
  assert.equal(answer.headers.get('connection'), 'close');
});

it('it drains for DRAIN_SECONDS, and not shorter', async (t) => {
  const { child, exited, logged } = await startServer(t, { ...env, DRAIN_SECONDS: '1' });
  child.kill('SIGTERM');
  assert.equal(await exited, 0);
  const at = async (msg: string) => Number((await logged((line) => line.msg === msg)).time);
  // A timer may be a millisecond early by the clock that the log has.
  assert.ok((await at('closed')) - (await at('draining')) >= 995, 'the load balancer had its time');
});

it('keeps an idle connection for longer than the load balancer, which must be the side that closes', async (t) => {
  const { call } = await startServer(t, env);
  const { headers } = await call('GET', '/health');
  const [, seconds] = /^timeout=(\d+)$/.exec(headers.get('keep-alive') ?? '') ?? [];
  assert.ok(Number(seconds) > idle, `${seconds} s`);
});

it('on SIGINT it ends at once with exit code 0, whatever its idle connections', async (t) => {
  const { call, child, exited } = await startServer(t, { ...env, DRAIN_SECONDS: '3600' });
  await call('GET', '/posts');
  child.kill('SIGINT');
  assert.equal(await exited, 0);
});

it('on a second SIGTERM it does not wait any longer', async (t) => {
  const { call, child, exited } = await startServer(t, { ...env, DRAIN_SECONDS: '3600' });
  child.kill('SIGTERM');
  await eventually(async () => assert.equal((await call('GET', '/health')).status, 503));
  child.kill('SIGTERM');
  assert.equal(await exited, 0);
});
