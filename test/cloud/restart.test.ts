import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { Agent, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { buffer } from 'node:stream/consumers';
import { bundleServer } from '../../deploy/build/bundle.ts';
import { freePort } from '../support/free-port.ts';
import { openCloud } from '../support/service.ts';
import { at, compileStacks } from '../templates/stacks.ts';
import { userDataScript } from '../templates/user-data-script.ts';
import { startBalancer } from './balancer.ts';
import { readUserData } from './fleet.ts';
import { answers, repository, until } from './ministack.ts';

/** Clients that each ask again a moment after they were answered, over connections that they keep. */
const CLIENTS = 20;
const MOMENT = 100;

const script = userDataScript();
const unit = (setting: string) => Number(new RegExp(`^${setting}=(\\d+)$`, 'm').exec(script)?.[1]);
const target = (setting: string) => Number(at(compileStacks().server, `Targets.Properties.${setting}`));

test('two servers restarted one after the other behind a load balancer lose no request', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'postagram-restart-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const instances = await startInstances(t, folder);
  const balancer = await startBalancer(
    folder,
    instances.map(({ port }) => port),
    {
      interval: `${target('HealthCheckIntervalSeconds')}s`,
      timeout: `${target('HealthCheckTimeoutSeconds')}s`,
      healthyAfter: target('HealthyThresholdCount'),
      unhealthyAfter: target('UnhealthyThresholdCount'),
    },
  );
  t.after(balancer.stop);

  const began = performance.now();
  const load = startLoad(balancer.port);
  for (const instance of instances) {
    await instance.restart();
    await until(`the instance on ${instance.port}`, () => balancer.sends(instance.port));
  }
  const { asked, failures, written } = await load.stop();
  const seconds = Math.round((performance.now() - began) / 1000);
  t.diagnostic(`${failures.length} of ${asked} requests failed in ${seconds} s`);
  assert.deepEqual(failures.slice(0, 10), []);
  assert.ok(asked > 1_000, `${asked} requests`);

  const stored = await ask(new Agent(), balancer.port, 'GET', '/posts?user=load');
  assert.equal((JSON.parse(stored.body) as unknown[]).length, written);
});

/** Two servers as instances run them: the bundle, with the environment and the times of the template. */
async function startInstances(t: TestContext, folder: string) {
  const { env } = await openCloud({ after: (close) => t.after(close) }, { labels: false });
  await writeFile(join(folder, 'server.mjs'), await bundleServer(repository));
  const { environment, command } = readUserData(script);
  const [, ...args] = command.split(' ');

  async function start(port: number): Promise<ChildProcess> {
    const child = spawn(process.execPath, args, {
      cwd: folder,
      // All requests come from one address here.
      env: { ...environment, ...env, POSTS_PER_MINUTE: '0', HOST: '127.0.0.1', PORT: String(port) },
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    await until(`a server on ${port}`, () => answers(`http://127.0.0.1:${port}/health`));
    return child;
  }

  return Promise.all(
    [await freePort(), await freePort()].map(async (port) => {
      let child = await start(port);
      t.after(async () => {
        child.kill('SIGINT');
        if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
      });
      return {
        port,
        /** What `systemctl restart` does. */
        async restart() {
          const exited = once(child, 'exit');
          child.kill('SIGTERM');
          const patience = setTimeout(() => child.kill('SIGKILL'), unit('TimeoutStopSec') * 1000);
          assert.deepEqual(await exited, [0, null], 'it ended by itself');
          clearTimeout(patience);
          await pause(unit('RestartSec') * 1000);
          child = await start(port);
        },
      };
    }),
  );
}

/** Asks for posts and writes new ones until it is stopped. */
function startLoad(port: number) {
  const agent = new Agent({ keepAlive: true, maxSockets: CLIENTS });
  const failures: string[] = [];
  const stopping = new AbortController();
  let [asked, written] = [0, 0];

  async function client(): Promise<void> {
    while (!stopping.signal.aborted) {
      const [method, path, expected] = asked++ % 4 === 0 ? post : list;
      const answer = await ask(agent, port, method, path).catch((error: Error) => ({
        status: error.message,
        body: '',
      }));
      if (answer.status !== expected) failures.push(`${method}: ${answer.status} ${answer.body}`);
      else if (method === 'POST') written++;
      await pause(MOMENT);
    }
  }

  const clients = Array.from({ length: CLIENTS }, client);
  return {
    async stop() {
      stopping.abort();
      await Promise.all(clients);
      agent.destroy();
      return { asked, failures, written };
    },
  };
}

const post = ['POST', '/posts', 201] as const;
const list = ['GET', '/posts?user=load&limit=20', 200] as const;

async function ask(agent: Agent, port: number, method: string, path: string) {
  const headers = { authorization: 'load', 'content-type': 'application/json' };
  const sent = request({ host: '127.0.0.1', agent, port, method, path, headers });
  sent.end(method === 'POST' ? JSON.stringify({ title: 'A restart', body: 'under load' }) : undefined);
  const [response] = await once(sent, 'response');
  const body = (await buffer(response)).toString();
  return { status: response.statusCode as number, body };
}
