import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { chmod, mkdir, mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { before, describe, it } from 'node:test';
import type { TestContext } from 'node:test';
import { promisify } from 'node:util';
import { bundleServer, packServer } from '../../deploy/build/bundle.ts';
import { compile } from '../../deploy/build/compile.ts';
import type { Compiled } from '../../deploy/build/compile.ts';
import { resourcesMade } from '../../deploy/cloudformation/conditions.ts';
import { postagram } from '../../deploy/postagram.ts';

const run = promisify(execFile);
const root = join(import.meta.dirname, '../..');

const types = (part: Compiled, values: Record<string, string>) =>
  resourcesMade(part.shape, { Stage: 'dev', ...values }).map(({ type }) => type);
const iam = (all: string[]) => all.filter((type) => type.startsWith('AWS::IAM::'));

async function temporaryFolder(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'postagram-bundle-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** A web app of two files, written in the given order. */
async function pages(folder: string, names: string[], mode: number, time: Date): Promise<string> {
  await mkdir(join(folder, 'assets'), { recursive: true });
  for (const name of names) {
    await writeFile(join(folder, name), `content of ${name}`);
    await chmod(join(folder, name), mode);
    await utimes(join(folder, name), time, time);
  }
  return folder;
}

describe('the bundles', () => {
  it('pack the same sources into the same bytes, whatever their times, modes and order on disk', async (t) => {
    const folder = await temporaryFolder(t);
    const one = await pages(join(folder, 'one'), ['index.html', 'assets/a.js'], 0o644, new Date(0));
    const two = await pages(join(folder, 'two'), ['assets/a.js', 'index.html'], 0o600, new Date());
    const [first, second] = [
      await packServer('code', 'shipper', one),
      await packServer('code', 'shipper', two),
    ];
    assert.equal(first.sha256, second.sha256);
    assert.ok(first.bytes.equals(second.bytes));
    assert.notEqual((await packServer('other code', 'shipper', one)).sha256, first.sha256);
  });

  it('unpack to server.mjs beside webapp/dist, readable by any user', async (t) => {
    const folder = await temporaryFolder(t);
    const web = await pages(join(folder, 'web'), ['index.html', 'assets/a.js'], 0o600, new Date());
    await writeFile(join(folder, 'bundle.tar.gz'), (await packServer('code', 'shipper', web)).bytes);
    const { stdout } = await run('tar', ['-tvzf', join(folder, 'bundle.tar.gz')]);
    const entries = stdout
      .trim()
      .split('\n')
      .map((line) => [line.slice(0, 10), line.split(' ').at(-1)]);
    assert.deepEqual(entries, [
      ['-rw-r--r--', 'server.mjs'],
      ['-rw-r--r--', 'shipper.mjs'],
      ['-rw-r--r--', 'webapp/dist/assets/a.js'],
      ['-rw-r--r--', 'webapp/dist/index.html'],
    ]);
  });

  it('hold a server that needs nothing beside it: it starts in an empty folder', async (t) => {
    const folder = await temporaryFolder(t);
    await writeFile(join(folder, 'server.mjs'), await bundleServer(root));
    const aws = { AWS_REGION: 'eu-west-1', AWS_ACCESS_KEY_ID: 'a', AWS_SECRET_ACCESS_KEY: 'b' };
    const child = execFile(process.execPath, ['server.mjs'], {
      cwd: folder,
      env: {
        ...aws,
        PORT: '0',
        HOST: '127.0.0.1',
        BUCKET: 'b',
        RENDITIONS_BUCKET: 'r',
        DYNAMO_TABLE: 't',
        DRAIN_SECONDS: '0',
      },
    });
    t.after(() => child.kill());
    let said = '';
    child.stderr?.on('data', (text: string) => (said += text));
    for await (const text of child.stdout ?? []) {
      said += text;
      const port = /"port":(\d+).*"listening"/.exec(said)?.[1];
      if (port === undefined) continue;
      // A part that is loaded only when it is asked for.
      const { status } = await fetch(`http://127.0.0.1:${port}/openapi.json`);
      assert.equal(status, 200);
      return;
    }
    assert.fail(said);
  });
});

describe('the templates', () => {
  let serverless: Compiled;
  let server: Compiled;
  before(async () => {
    [serverless, server] = (await Promise.all(postagram.stacks.map(compile))) as [Compiled, Compiled];
  });

  it('make no IAM resource when role and instance profile are given, as in AWS Academy', () => {
    assert.deepEqual(iam(types(serverless, { RoleArn: 'arn:aws:iam::1:role/LabRole' })), []);
    assert.deepEqual(iam(types(server, { InstanceProfile: 'LabInstanceProfile', VpcId: '' })), []);
    assert.deepEqual(
      iam([...types(serverless, { RoleArn: '' }), ...types(server, { InstanceProfile: '' })]),
      ['AWS::IAM::Role', 'AWS::IAM::InstanceProfile'],
    );
  });

  it('make no network when one is given', () => {
    const given = types(server, { VpcId: 'vpc-11111111', SubnetIds: 'subnet-11111111,subnet-22222222' });
    assert.ok(!given.includes('AWS::EC2::VPC') && !given.includes('AWS::EC2::Subnet'), given.join());
    assert.ok(types(server, { VpcId: '' }).includes('AWS::EC2::VPC'));
  });
});
