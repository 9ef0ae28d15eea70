import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { ListTablesCommand } from '@aws-sdk/client-dynamodb';
import {
  CreateBucketCommand,
  GetBucketEncryptionCommand,
  GetBucketPolicyCommand,
  GetBucketTaggingCommand,
  GetPublicAccessBlockCommand,
  ListBucketsCommand,
  ListObjectsV2Command,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import { account, region, until } from './ministack.ts';
import { startStage } from './stage.ts';
import type { Stage } from './stage.ts';

const flags = ['--stage=cloud'];
const taken = 'postagram-taken';
const artifacts = `postagram-artifacts-cloud-${account}-${region}`;
const good = 'AlarmTopic: alarmTopic(),';
/** Valid to every validator: what is wrong with it stands in the account, not in the template. */
const broken = `Taken: new S3.Bucket({ BucketName: '${taken}' }), ${good}`;
/** Waits for a signal, which is sent once a run has been seen to wait too. */
const signal = "{ ResourceSignal: { Count: 1, Timeout: 'PT30M' } }";
const slow = `Slow: new CloudFormation.WaitCondition({}).creationPolicy(${signal}), ${good}`;

const lastLine = (output: string) => output.trimEnd().split('\n').at(-1) ?? '';

describe('deploy.ts on an emulated AWS', () => {
  let stage: Stage;
  const buckets = async () => {
    const { Buckets = [] } = await stage.s3.send(new ListBucketsCommand({}));
    return Buckets.map(({ Name }) => Name);
  };

  before(async () => {
    stage = await startStage('cloud');
    await stage.s3.send(new CreateBucketCommand({ Bucket: taken }));
    await stage.checkout.edit('templates/serverless.ts', 'Logs, Refs', 'Logs, CloudFormation, S3, Refs');
  });
  after(() => stage.close());

  it('changes nothing without a terminal and without --yes', async () => {
    const { code, stdout, stderr } = await stage.checkout.deploy(...flags);
    assert.equal(code, 1);
    assert.match(stdout, /\+ add +ImageBucket/);
    // Of both stacks, before the first of them is there.
    assert.match(stdout, /a month at rest[^]* load balancer +\$16\.43\n 1 × t4g\.small +\$12\.26\n/);
    assert.match(lastLine(stderr), /^✖ .*add --yes/);
    assert.equal(await stage.stack(stage.serverless), undefined);
    assert.deepEqual(await buckets(), [taken]);
  });

  it('asks on a terminal, and takes no for an answer', async () => {
    const { code, stdout } = await stage.checkout.onTerminal(flags, 'Go ahead?', 'n\n');
    assert.equal(code, 1);
    assert.match(stdout, /a month at rest[^]* together +\$\d+\.\d\d[^]*Go ahead\?[^]*Not deployed/);
    assert.equal(await stage.stack(stage.serverless), undefined);
  });

  it('ends a first deployment that fails with its first cause and exit code 1', async () => {
    await stage.checkout.edit('templates/serverless.ts', good, broken);
    const { code, stderr } = await stage.checkout.deploy(...flags, '--yes');
    assert.equal(code, 1);
    assert.match(lastLine(stderr), /^✖ Taken \(AWS::S3::Bucket\): .*postagram-taken.* already exists/);
    assert.equal((await stage.stack(stage.serverless))?.status, 'ROLLBACK_COMPLETE');
    await stage.checkout.edit('templates/serverless.ts', broken, good);
  });

  it('makes one bucket for code before the first stack, closed to everybody else', async () => {
    // It was made for the deployment above, before CloudFormation failed.
    const on = { Bucket: artifacts };
    const { s3 } = stage;
    const { PublicAccessBlockConfiguration: block } = await s3.send(new GetPublicAccessBlockCommand(on));
    assert.deepEqual(block, {
      BlockPublicAcls: true,
      BlockPublicPolicy: true,
      IgnorePublicAcls: true,
      RestrictPublicBuckets: true,
    });
    const { ServerSideEncryptionConfiguration: encryption } = await s3.send(
      new GetBucketEncryptionCommand(on),
    );
    const [rule] = encryption?.Rules ?? [];
    assert.equal(rule?.ApplyServerSideEncryptionByDefault?.SSEAlgorithm, 'AES256');
    const { Policy = '' } = await s3.send(new GetBucketPolicyCommand(on));
    assert.match(Policy, /"aws:SecureTransport":"false"/);
    const { TagSet } = await s3.send(new GetBucketTaggingCommand(on));
    assert.deepEqual(TagSet, [{ Key: 'Stage', Value: 'cloud' }]);
    const { Contents = [] } = await s3.send(new ListObjectsV2Command(on));
    const kinds = Contents.map(({ Key = '' }) => Key.replace(/[0-9a-f]{64}/, 'SHA256'));
    assert.deepEqual(kinds, ['functions/SHA256.zip', 'server/SHA256.tar.gz']);
  });

  it('deletes what the failed deployment left and makes it again; Ctrl-C while it waits says so', async () => {
    stage.fleet.hold(true);
    const { child, result, says } = stage.checkout.start(...flags, '--yes');
    await says('Written to outputs.json');
    child.kill('SIGINT');
    const { code, stdout } = await result;
    assert.equal(code, 130);
    assert.match(stdout, /ROLLBACK_COMPLETE, left by a first deployment that failed: deleting it/);
    assert.match(stdout, /Interrupted\. All stacks are deployed; only the wait for \/health/);
    assert.equal((await stage.stack(stage.serverless))?.status, 'CREATE_COMPLETE');
    assert.equal((await stage.stack(stage.server))?.status, 'CREATE_COMPLETE');
  });

  it('continues from there: no changes, and exit code 0 once the site answers through the load balancer', async () => {
    stage.fleet.hold(false);
    const { code, stdout, stderr } = await stage.checkout.deploy(...flags);
    assert.equal(code, 0, stdout + stderr);
    for (const name of [stage.serverless, stage.server])
      assert.match(stdout, new RegExp(`${name}: no changes`));
    assert.doesNotMatch(stdout, /Uploaded/);
    assert.match(stdout, /there +Labeler +functions\/[\s\S]*there +server\.tar\.gz +server\//);
    assert.equal(lastLine(stdout), `✔ ${(await stage.outputs()).server.Url}`);
  });

  it('goes on after Ctrl-C in the middle of a change: the next run waits for what CloudFormation still does', async () => {
    await stage.checkout.edit('templates/serverless.ts', good, slow);
    const { child, result, says } = stage.checkout.start(...flags, '--yes');
    await says(/_IN_PROGRESS +Slow/);
    child.kill('SIGINT');
    const { code, stdout } = await result;
    assert.equal(code, 130);
    assert.match(
      stdout,
      new RegExp(`CloudFormation goes on with ${stage.serverless}\\. Run the same command again`),
    );
    assert.equal((await stage.stack(stage.serverless))?.status, 'UPDATE_IN_PROGRESS');
    await stage.checkout.edit('templates/serverless.ts', slow, good);
    const again = stage.checkout.start(...flags, '--yes');
    await again.says(`${stage.serverless} is UPDATE_IN_PROGRESS: waiting`);
    await stage.fail(stage.serverless, 'Slow');
    const next = await again.result;
    assert.equal(next.code, 0, next.stdout + next.stderr);
    assert.match(next.stdout, /UPDATE_ROLLBACK_COMPLETE/);
  });

  it('names a new machine image of Amazon in the plan', async () => {
    await stage.ministack.publishImage('ami-0000000000000bbbb');
    const { code, stdout } = await stage.checkout.deploy('diff', ...flags);
    assert.equal(code, 0);
    assert.match(stdout, /ImageId: ami-0000000000000aaaa → ami-0000000000000bbbb/);
    await stage.ministack.publishImage('ami-0000000000000aaaa');
  });

  it('shows a changed template with diff, leaves it, and updates it with up', async () => {
    await stage.checkout.edit('templates/serverless.ts', 'MemorySize: 512', 'MemorySize: 640');
    const change = /Labeler +AWS::Lambda::Function +MemorySize/;
    assert.match((await stage.checkout.deploy('diff', ...flags)).stdout, change);
    assert.match((await stage.checkout.deploy('diff', ...flags)).stdout, change);
    const { code, stdout, stderr } = await stage.checkout.deploy(...flags, '--yes');
    assert.equal(code, 0, stdout + stderr);
    assert.match(stdout, change);
    assert.equal((await stage.stack(stage.serverless))?.status, 'UPDATE_COMPLETE');
  });

  it('rolls the fleet when the bundle changes, and keeps flags that are not given again', async () => {
    const { pid, orders } = stage.fleet;
    const [oldPid, oldKey] = [pid(), orders()?.key];
    await stage.checkout.edit('server.ts', "'listening'", "'listening again'");
    const { code, stdout, stderr } = await stage.checkout.deploy(...flags, '--yes', '--max=6');
    assert.equal(code, 0, stdout + stderr);
    // Served all along: first by the old instance, which drains, then by the new one.
    await until('a new instance', async () => {
      assert.equal((await stage.site('GET', '/posts')).status, 200);
      return pid() === oldPid ? undefined : true;
    });
    assert.notEqual(orders()?.key, oldKey);
    assert.match(
      (await stage.checkout.deploy('diff', ...flags)).stdout,
      new RegExp(`${stage.server}: no changes`),
    );
    assert.equal((await stage.stack(stage.server))?.parameters.MaxSize, '6');
  });

  it('ends a failed update with its first cause and exit code 1; the next good deployment recovers', async () => {
    await stage.checkout.edit('templates/serverless.ts', good, broken);
    const failed = await stage.checkout.deploy(...flags, '--yes');
    assert.equal(failed.code, 1);
    assert.match(lastLine(failed.stderr), /^✖ Taken \(AWS::S3::Bucket\): .*postagram-taken.* already exists/);
    assert.equal((await stage.stack(stage.serverless))?.status, 'UPDATE_ROLLBACK_COMPLETE');
    assert.equal((await stage.site('GET', '/posts')).status, 200);
    await stage.checkout.edit('templates/serverless.ts', broken, good);
    await stage.checkout.edit('templates/serverless.ts', 'MemorySize: 640', 'MemorySize: 512');
    const { code, stdout, stderr } = await stage.checkout.deploy(...flags, '--yes');
    assert.equal(code, 0, stdout + stderr);
  });

  it('takes down the site and says what is kept', async () => {
    const { code, stdout, stderr } = await stage.checkout.deploy('down', ...flags, '--yes');
    assert.equal(code, 0, stdout + stderr);
    assert.equal(await stage.stack(stage.server), undefined);
    const { Bucket = '', Table = '' } = (await stage.outputs()).serverless;
    assert.ok(stdout.includes(Bucket) && stdout.includes(Table), stdout);
    await stage.s3.send(new PutObjectCommand({ Bucket, Key: 'ada/1/photo.jpg', Body: 'first' }));
    await stage.s3.send(new PutObjectCommand({ Bucket, Key: 'ada/1/photo.jpg', Body: 'second version' }));
    assert.deepEqual((await stage.dynamodb.send(new ListTablesCommand({}))).TableNames, [Table]);
  });

  it('deletes the data only when the name of the stage is typed, or said twice', async () => {
    const typo = await stage.checkout.onTerminal(['down', '--data', ...flags], 'Type the stage', 'clod\n');
    assert.equal(typo.code, 1);
    assert.match(typo.stdout, /"clod" is not cloud/);
    const interrupted = await stage.checkout.onTerminal(
      ['down', '--data', ...flags],
      'Type the stage',
      '\u0003',
    );
    assert.equal(interrupted.code, 130);
    const hasty = await stage.checkout.deploy('down', '--data', '--yes', ...flags);
    assert.equal(hasty.code, 1);
    assert.match(hasty.stderr, /--confirm-stage/);
    assert.equal((await stage.stack(stage.serverless))?.status, 'UPDATE_COMPLETE');
  });

  it('leaves nothing after down --data', async () => {
    const { code, stdout } = await stage.checkout.onTerminal(
      ['down', '--data', ...flags],
      'Type the stage',
      'cloud\n',
    );
    assert.equal(code, 0, stdout);
    assert.equal(await stage.stack(stage.serverless), undefined);
    assert.deepEqual(await buckets(), [taken]);
    assert.deepEqual((await stage.dynamodb.send(new ListTablesCommand({}))).TableNames ?? [], []);
  });
});
