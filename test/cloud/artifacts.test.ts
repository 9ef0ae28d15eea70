import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { ListBucketsCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { account, region } from './ministack.ts';
import { startStage } from './stage.ts';
import type { Stage } from './stage.ts';

const flags = ['--stage=shared', '--yes'];
const service = ['--service=template', ...flags];
const artifacts = `postagram-artifacts-shared-${account}-${region}`;

/** What the first stack was before the artifacts bucket was deploy.ts's own. */
const former: [from: string, to: string][] = [
  ['Logs, Refs', 'Logs, S3, Refs'],
  ['AlarmTopic: alarmTopic(),', 'FormerBucket: new S3.Bucket({}), AlarmTopic: alarmTopic(),'],
  ['Outputs: {', "Outputs: { ArtifactsBucket: { Value: Fn.Ref('FormerBucket') },"],
];

describe('the artifacts bucket that all systems of a stage share', () => {
  let stage: Stage;
  let formerBucket = '';
  const deploy = (...args: string[]) => stage.checkout.deploy(...args);
  const buckets = async () => {
    const { Buckets = [] } = await stage.s3.send(new ListBucketsCommand({}));
    return Buckets.map(({ Name = '' }) => Name);
  };

  before(async () => {
    stage = await startStage('shared');
    for (const [from, to] of former) await stage.checkout.edit('templates/serverless.ts', from, to);
    const { code, stdout, stderr } = await deploy(...flags);
    assert.equal(code, 0, stdout + stderr);
    formerBucket = (await stage.outputs()).serverless.ArtifactsBucket ?? '';
    await stage.s3.send(
      new PutObjectCommand({ Bucket: formerBucket, Key: 'server/old.tar.gz', Body: 'old' }),
    );
    for (const [from, to] of former) await stage.checkout.edit('templates/serverless.ts', to, from);
  });
  after(() => stage.close());

  it('does not take the place of one inside a stack while instances may start from that', async () => {
    const { code, stderr } = await deploy(...flags);
    assert.equal(code, 1);
    assert.match(stderr, /npx tsx deploy\.ts down --stage shared/);
    assert.ok(
      stderr.includes(`its instances start from ${formerBucket}, which this version replaces`),
      stderr,
    );
    assert.equal((await stage.stack(stage.serverless))?.status, 'CREATE_COMPLETE');
    assert.ok((await buckets()).includes(formerBucket));
  });

  it('takes its place once the site is down', async () => {
    assert.equal((await deploy('down', ...flags)).code, 0);
    const { code, stdout, stderr } = await deploy(...flags);
    assert.equal(code, 0, stdout + stderr);
    assert.ok(!(await buckets()).includes(formerBucket), 'the former bucket is left');
    assert.equal((await stage.stack(stage.serverless))?.status, 'UPDATE_COMPLETE');
  });

  it('holds the code of a service too, which is deployed with the outputs of its first stack', async () => {
    const { code, stdout, stderr } = await deploy(...service);
    assert.equal(code, 0, stdout + stderr);
    const text = await readFile(join(stage.checkout.folder, 'outputs-template.json'), 'utf8');
    const { data, api } = JSON.parse(text);
    const given = (await stage.stack('template-api-shared'))?.parameters ?? {};
    assert.equal(given.HitsTable, data.HitsTable);
    assert.equal(given.ArtifactsBucket, artifacts);
    assert.match(given.ApiCodeKey ?? '', /^functions\/[0-9a-f]{64}\.zip$/);
    assert.ok(api.Url, text);
  });

  it('is the same at the next run of the service: nothing to change, nothing to upload', async () => {
    const { code, stdout } = await deploy('diff', ...service);
    assert.equal(code, 0);
    assert.match(stdout, /there +Api +functions/);
    assert.match(stdout, /template-data-shared: no changes[\s\S]*template-api-shared: no changes/);
    const told = await deploy('outputs', ...service);
    assert.match(told.stdout, / HitsTable +\S+[\s\S]* Url +\S+/);
  });

  it('stays with down --data while another system of the stage needs it', async () => {
    const { code, stdout, stderr } = await deploy('down', '--data', '--confirm-stage=shared', ...flags);
    assert.equal(code, 0, stdout + stderr);
    assert.ok(stdout.includes(`${artifacts} stays: template-api-shared needs it`), stdout);
    assert.deepEqual(await buckets(), [artifacts]);
  });

  it('stays with down of a service, whose data stays too', async () => {
    const { code, stdout, stderr } = await deploy('down', ...service);
    assert.equal(code, 0, stdout + stderr);
    assert.match(stdout, /Deleted template-api-shared\.\s+Kept, in template-data-shared\n Hits +\S+/);
    assert.deepEqual(await buckets(), [artifacts]);
  });

  it('goes with down --data of the last system', async () => {
    const { code, stdout, stderr } = await deploy('down', '--data', '--confirm-stage=shared', ...service);
    assert.equal(code, 0, stdout + stderr);
    assert.equal(await stage.stack('template-data-shared'), undefined);
    assert.deepEqual(await buckets(), []);
    const again = await deploy('down', '--data', '--confirm-stage=shared', ...service);
    assert.match(again.stdout, /template-data-shared, template-api-shared: there is none/);
  });
});
