import { deepEqual, equal, match, notEqual } from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import type { TestContext } from 'node:test';

import { serverConfig, shipperConfig } from '../../src/runtime/config.ts';
import { parameterSets } from '../templates/parameter-sets.ts';
import { userDataScript } from '../templates/user-data-script.ts';
import { runUserData } from './user-data-sandbox.ts';

const given = parameterSets.server['nothing given'] ?? {};
const signal = (code: number) =>
  `cfn-signal --exit-code ${code} --stack postagram-test --resource Fleet --region eu-west-1`;

async function inFile(t: TestContext, name: string, content: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'user-data-'));
  t.after(() => rm(folder, { recursive: true }));
  await writeFile(join(folder, name), content);
  return join(folder, name);
}

/** Text of a unit that the script writes. */
function unit(name: string): string {
  const [, text = ''] =
    new RegExp(`/${name}\\.service <<'UNIT'\\n(.*?)\\nUNIT\\n`, 's').exec(userDataScript()) ?? [];
  // The one thing that this machine does not have.
  return text.replace('/usr/bin/node-24', process.execPath);
}

/** Settings of an `.env` file, as systemd and Node both read ours. */
function settings(text: string): Record<string, string> {
  return Object.fromEntries(
    text
      .trim()
      .split('\n')
      .map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
  );
}

test('shellcheck has nothing to say', async (t) => {
  const script = await inFile(t, 'user-data.sh', userDataScript());
  const { status, stdout, error } = spawnSync('shellcheck', [script], {
    encoding: 'utf8',
  });
  equal(error, undefined);
  equal(stdout, '');
  equal(status, 0);
});

for (const name of ['postagram', 'postagram-logs'])
  describe(
    `the systemd unit ${name}`,
    { skip: spawnSync('systemd-analyze', ['--version']).error && 'no systemd here' },
    () => {
      test('is one that systemd can load', async (t) => {
        const path = await inFile(t, `${name}.service`, unit(name));
        const { status, stderr } = spawnSync('systemd-analyze', ['verify', path], { encoding: 'utf8' });
        equal(
          stderr
            .split('\n')
            .filter((line) => line.includes('postagram'))
            .join('\n'),
          '',
        );
        equal(status, 0);
      });

      test('leaves the service little to do harm with: exposure of 2 or less, out of 10', async (t) => {
        const path = await inFile(t, `${name}.service`, unit(name));
        const { status, stdout } = spawnSync(
          'systemd-analyze',
          ['security', '--offline=true', '--threshold=20', '--no-pager', path],
          { encoding: 'utf8' },
        );
        match(stdout, /Overall exposure level/);
        equal(status, 0, stdout.trim().split('\n').at(-1));
      });

      test('runs node-24 with rights to write and run machine code, which V8 needs', () => {
        const code = { postagram: 'server', 'postagram-logs': 'shipper' }[name];
        match(userDataScript(), new RegExp(`^ExecStart=/usr/bin/node-24 ${code}\\.mjs$`, 'm'));
        equal(/^MemoryDenyWriteExecute/m.test(unit(name)), false);
      });
    },
  );

test('a start that goes well: bundle unpacked, configuration written, service up, health awaited, success signalled', async (t) => {
  const { code, calls, file, stderr } = await runUserData(t);
  equal(code, 0, stderr);
  deepEqual(calls, [
    'dnf install -y aws-cfn-bootstrap',
    'dnf install -y nodejs24',
    `aws s3 cp --only-show-errors s3://${given['ArtifactsBucket']}/${given['BundleKey']} bundle.tar.gz --region eu-west-1`,
    'systemctl daemon-reload',
    'systemctl enable --now postagram-logs postagram',
    'curl --silent --show-error --fail --output /dev/null --retry 60 --retry-delay 1 --retry-all-errors http://127.0.0.1:8080/health',
    'sleep 30',
    signal(0),
  ]);
  equal(await file('opt/postagram/server.mjs'), '// the server\n');
  equal(
    (await file('etc/systemd/system/postagram.service')).includes('EnvironmentFile=/etc/postagram.env'),
    true,
  );
});

test('the configuration it writes is one that the server takes', async (t) => {
  const { file } = await runUserData(t);
  const written = settings(await file('etc/postagram.env'));
  Object.assign(process.env, written);
  const taken = Object.entries(serverConfig()).filter(([name]) => name in written);
  deepEqual(Object.fromEntries(taken), {
    BUCKET: given['Bucket'],
    RENDITIONS_BUCKET: given['Renditions'],
    DYNAMO_TABLE: given['Table'],
    AWS_REGION: 'eu-west-1',
    PORT: 8080,
    LOG_LEVEL: 'info',
    CORS_ORIGINS: '*',
    DRAIN_SECONDS: 35,
    TRUSTED_PROXIES: 1,
  });
  equal(written['NODE_ENV'], 'production');
});

test('the configuration it writes for the log is one that the shipper takes: a stream named by the instance', async (t) => {
  const { file } = await runUserData(t);
  const written = settings(await file('etc/postagram-logs.env'));
  Object.assign(process.env, written, { STATE_DIRECTORY: '/var/lib/postagram-logs' });
  deepEqual(shipperConfig(), {
    AWS_REGION: 'eu-west-1',
    LOG_GROUP: 'ServerLogs',
    LOG_STREAM: 'i-0123456789abcdef0',
    LOG_UNIT: 'postagram',
    STATE_DIRECTORY: '/var/lib/postagram-logs',
  });
});

test('the log is shipped until the server has ended: systemd stops in the other order than it starts', () => {
  match(unit('postagram-logs'), /^Before=postagram\.service$/m);
  match(unit('postagram-logs'), /^KillMode=mixed$/m);
});

test('origins arrive as the server reads them, separated by commas', () => {
  const script = userDataScript({ CorsOrigins: 'https://a.example,https://b.example' });
  match(script, /^CORS_ORIGINS=https:\/\/a\.example,https:\/\/b\.example$/m);
});

describe('whatever fails, CloudFormation hears of it, and nothing goes on', () => {
  const rows: { what: string; fail: string; after: string; never: string }[] = [
    { what: 'no repositories', fail: 'aws-cfn-bootstrap', after: 'sleep 20', never: 'nodejs24' },
    { what: 'no Node', fail: 'nodejs24', after: 'sleep 20', never: 'aws s3' },
    { what: 'no bundle', fail: 'aws s3 cp', after: 'sleep 20', never: 'systemctl enable' },
    {
      what: 'systemd does not take the unit',
      fail: 'daemon-reload',
      after: 'daemon-reload',
      never: 'enable',
    },
    { what: 'the service does not start', fail: 'enable --now', after: 'enable --now', never: 'curl' },
    { what: 'the server never gets healthy', fail: 'curl', after: 'curl', never: 'sleep 30' },
  ];
  for (const { what, fail, after, never } of rows)
    test(what, async (t) => {
      const { code, calls, signalled } = await runUserData(t, { fail });
      equal(code, 7);
      deepEqual(signalled, [signal(7)]);
      equal(calls.at(-1), signal(7));
      equal(
        calls.some((call) => call.includes(after)),
        true,
        calls.join('\n'),
      );
      equal(
        calls.some((call) => call.includes(never)),
        false,
        calls.join('\n'),
      );
    });

  test('a bundle that is not the one that was deployed is not unpacked', async (t) => {
    const { code, calls, signalled, file } = await runUserData(t, { sha256: '0'.repeat(64) });
    notEqual(code, 0);
    deepEqual(signalled, [signal(Number(code))]);
    equal(
      calls.some((call) => call.includes('enable')),
      false,
    );
    await file('opt/postagram/server.mjs').then(
      () => equal('unpacked', 'refused'),
      (error: NodeJS.ErrnoException) => equal(error.code, 'ENOENT'),
    );
  });

  test('a bundle that is no archive', async (t) => {
    const { code, calls, signalled } = await runUserData(t, { bundle: Buffer.from('not an archive') });
    notEqual(code, 0);
    deepEqual(signalled, [signal(Number(code))]);
    equal(
      calls.some((call) => call.includes('enable')),
      false,
    );
  });

  test('SIGTERM while it waits', async (t) => {
    const { code, signalled } = await runUserData(t, { terminateAt: 'curl' });
    equal(code, 143);
    deepEqual(signalled, [signal(143)]);
  });

  test('a failure shows what the service logged, and a signal that fails is not a success', async (t) => {
    const { calls } = await runUserData(t, { fail: 'curl' });
    equal(
      calls.some((call) => call.startsWith('journalctl -u postagram')),
      true,
    );
    notEqual((await runUserData(t, { fail: 'cfn-signal' })).code, 0);
  });
});
