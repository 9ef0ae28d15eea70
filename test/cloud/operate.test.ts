import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { DeleteItemCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { CreateBucketCommand, DeleteObjectsCommand, ListObjectsV2Command } from '@aws-sdk/client-s3';
import { LambdaClient, UpdateFunctionConfigurationCommand } from '@aws-sdk/client-lambda';
import { ReceiveMessageCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { deadLetters } from '../../deploy/commands/relabel.ts';
import { account, credentials, region, repository, until } from './ministack.ts';
import { startStage } from './stage.ts';
import type { Stage } from './stage.ts';

const flags = ['--stage=prod'];
const author = { authorization: 'ada', 'content-type': 'application/json' };

describe('a stage in operation', () => {
  let stage: Stage;
  let sqs: SQSClient;
  let queue = '';

  before(async () => {
    stage = await startStage('prod');
    const { code, stdout, stderr } = await stage.checkout.deploy(...flags, '--yes', '--tag=team=photos');
    assert.equal(code, 0, stdout + stderr);
    const config = { region, credentials, endpoint: stage.ministack.url };
    sqs = new SQSClient(config);
    const { DeadLetterQueue = '', LabelerFunction: FunctionName } = (await stage.outputs()).serverless;
    queue = DeadLetterQueue;
    // MiniStack loses it on the way from the template to the function.
    const TargetArn = `arn:aws:sqs:${region}:${account}:${queue.split('/').at(-1)}`;
    const lambda = new LambdaClient(config);
    await lambda.send(
      new UpdateFunctionConfigurationCommand({ FunctionName, DeadLetterConfig: { TargetArn } }),
    );
    lambda.destroy();
  });
  after(async () => {
    sqs.destroy();
    await stage.close();
  });

  /** A new post with a photo. @returns its id */
  async function upload(): Promise<string> {
    const post = JSON.stringify({ title: 'Chelsea', body: 'asleep' });
    const { id } = JSON.parse((await stage.site('POST', '/posts', author, post)).body);
    const postId = id.split('#')[1];
    const query = new URLSearchParams({ filename: 'chelsea.jpg', filetype: 'image/jpeg', postId });
    const { uploadURL, headers } = JSON.parse(
      (await stage.site('GET', `/signedUrlPut?${query}`, author)).body,
    );
    const body = await readFile(join(repository, 'test/photos/chelsea.jpg'));
    assert.equal((await fetch(uploadURL, { method: 'PUT', headers, body })).status, 200);
    return postId;
  }

  const labelsOf = async (id: string) => JSON.parse((await stage.site('GET', `/posts/${id}`)).body).labels;

  it('labels a photo again that had become a dead letter, once Rekognition is back', async () => {
    let id = '';
    await stage.withoutLabels(async () => {
      id = await upload();
      await until('the dead letter', async () =>
        (await deadLetters(sqs, queue)).waiting === 1 ? true : undefined,
      );
      const again = await stage.checkout.deploy('relabel', ...flags, '--yes');
      assert.equal(again.code, 1);
      assert.match(again.stdout, /Labelled again: 0\. Failed again, and still in the queue: 1\./);
      assert.match(again.stderr, /✖ 1 of 1 events failed again, the first with: 1 photos to try again/);
    });
    assert.deepEqual(await deadLetters(sqs, queue), { waiting: 1, taken: 0 });

    const counted = await stage.checkout.deploy('relabel', '--dry-run', ...flags);
    assert.equal(counted.code, 0, counted.stderr);
    assert.match(counted.stdout, /In the dead letter queue of prod: about 1 events\n/);
    assert.deepEqual(await deadLetters(sqs, queue), { waiting: 1, taken: 0 });
    assert.equal(await labelsOf(id), undefined);

    const unasked = await stage.checkout.deploy('relabel', ...flags);
    assert.equal(unasked.code, 1);
    assert.match(unasked.stderr, /add --yes/);
    assert.deepEqual(await deadLetters(sqs, queue), { waiting: 1, taken: 0 });

    const { code, stdout, stderr } = await stage.checkout.deploy('relabel', ...flags, '--yes');
    assert.equal(code, 0, stdout + stderr);
    assert.match(stdout, /Labelled again: 1\. Failed again, and still in the queue: 0\./);
    assert.ok((await labelsOf(id))?.includes('Cat'));
    assert.deepEqual(await deadLetters(sqs, queue), { waiting: 0, taken: 0 });
  });

  it('leaves in the queue what is no event, and labels what is', async () => {
    await sqs.send(new SendMessageCommand({ QueueUrl: queue, MessageBody: 'no event' }));
    const event = await stage.withoutLabels(async () => {
      const id = await upload();
      await until('the dead letter', async () =>
        (await deadLetters(sqs, queue)).waiting === 2 ? true : undefined,
      );
      return id;
    });
    const { code, stdout } = await stage.checkout.deploy('relabel', ...flags, '--yes');
    assert.equal(code, 1);
    assert.match(stdout, /Labelled again: 1\. Failed again, and still in the queue: 1\./);
    assert.ok((await labelsOf(event))?.includes('Cat'));
    const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl: queue }));
    assert.deepEqual(
      Messages.map(({ Body }) => Body),
      ['no event'],
    );
  });

  it('makes what a post from before lacks, of the photo that is there, and asks nobody for labels', async () => {
    const id = await upload();
    const post = async () => JSON.parse((await stage.site('GET', `/posts/${id}`)).body);
    const found = async () => JSON.parse((await stage.site('GET', '/posts?label=pet')).body).length;
    await until('its labels', async () => (await post()).labels);
    const others = await found();
    const { Table: TableName = '', Renditions: Bucket = '' } = (await stage.outputs()).serverless;
    const objects = await stage.s3.send(new ListObjectsV2Command({ Bucket }));
    const made = (objects.Contents ?? []).flatMap(({ Key }) => (Key?.includes(id) ? [{ Key }] : []));
    assert.ok(made.length > 0);
    await stage.s3.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects: made } }));
    // As it was written when there were neither renditions nor entries of labels.
    const Key = { user: { S: 'USER#ada' }, id: { S: `POST#${id}` } };
    await stage.dynamodb.send(
      new UpdateItemCommand({
        TableName,
        Key,
        UpdateExpression: 'REMOVE width, height, thumbhash, labelRevision',
      }),
    );
    const labelsBefore = (await post()).labels;
    const partitions = labelsBefore.map((label: string) => `LABEL#${label.toLowerCase()}`);
    for (const user of partitions)
      await stage.dynamodb.send(
        new DeleteItemCommand({ TableName, Key: { user: { S: user }, id: { S: `POST#${id}` } } }),
      );
    // Who asks within a second gets the same page.
    const isFound = (count: number) =>
      until(`${count} posts with the label`, async () => ((await found()) === count ? true : undefined));
    await isFound(others - 1);
    assert.equal((await post()).thumbnails, undefined);

    const counted = await stage.checkout.deploy('relabel', '--missing', '--dry-run', ...flags);
    assert.match(counted.stdout, /not found by their labels, in prod: 1\n/, counted.stderr);
    await stage.withoutLabels(async () => {
      const { code, stdout, stderr } = await stage.checkout.deploy('relabel', '--missing', ...flags, '--yes');
      assert.equal(code, 0, stdout + stderr);
      assert.match(stdout, /Photos that lacked renditions or entries of their labels: 1\. Failed: 0\./);
    });
    const shown = await post();
    assert.deepEqual(shown.labels, labelsBefore);
    assert.equal((await fetch(shown.image)).status, 200);
    await isFound(others);
  });

  it('shows what the labeler logged, in lines for people', async () => {
    const { code, stdout, stderr } = await stage.checkout.deploy(
      'logs',
      '--of=labeler',
      '--since=1h',
      ...flags,
    );
    assert.equal(code, 0, stderr);
    // What failed: MiniStack keeps no log of calls that wait for their answer, as relabel's do.
    assert.match(
      stdout,
      /^\d\d:\d\d:\d\d\.\d{3} labeler [0-9a-f]{6} to try again post=\S+ photo=\S+ TimeoutError: \D+$/m,
    );
    assert.doesNotMatch(stdout, /START|END RequestId/);
    const unknown = await stage.checkout.deploy('logs', '--of=nothing', ...flags);
    assert.equal(unknown.code, 1);
    assert.match(unknown.stderr, /It has: labeler[\s\S]*✖ The stage prod has no log "nothing"/);
  });

  it('shows what the servers log, shipped with the rights of their role', async () => {
    await stage.site('GET', '/posts?user=nobody', { authorization: 'ada' });
    const line = /^\d\d:\d\d:\d\d\.\d{3} server i-0123456789abcdef0 GET \/posts 200 [\d.]+ ms id=/m;
    await until(
      'the line of the request',
      async () =>
        line.test((await stage.checkout.deploy('logs', '--of=server', ...flags)).stdout) ? true : undefined,
      60_000,
    );
  });

  it('has its tags on both stacks, and on instances and disks, without being told again', async () => {
    assert.match((await stage.checkout.deploy('diff', ...flags)).stdout, /server-prod: no changes/);
    for (const name of [stage.serverless, stage.server])
      assert.deepEqual((await stage.stack(name))?.tags, [{ Key: 'team', Value: 'photos' }]);
    const list = await stage.ministack.ec2('DescribeLaunchTemplates');
    const templates = await stage.ministack.ec2('DescribeLaunchTemplateVersions', {
      LaunchTemplateId: /<launchTemplateId>(lt-[0-9a-f]+)</.exec(list)?.[1] ?? '',
      'LaunchTemplateVersion.1': '$Latest',
    });
    assert.equal(templates.match(/<key>team<\/key><value>photos<\/value>/g)?.length, 2, templates);
  });

  it('can be left as a failed update left it, and goes back before the next one', async () => {
    await stage.s3.send(new CreateBucketCommand({ Bucket: 'postagram-taken' }));
    await stage.checkout.edit('templates/serverless.ts', 'Logs, Refs', 'Logs, S3, Refs');
    const good = 'AlarmTopic: alarmTopic(),';
    const broken = `Taken: new S3.Bucket({ BucketName: 'postagram-taken' }), ${good}`;
    await stage.checkout.edit('templates/serverless.ts', good, broken);
    const failed = await stage.checkout.deploy(...flags, '--yes', '--no-rollback');
    assert.equal(failed.code, 1, failed.stdout);
    assert.equal((await stage.stack(stage.serverless))?.status, 'UPDATE_FAILED');
    await stage.checkout.edit('templates/serverless.ts', broken, good);
    const { code, stdout, stderr } = await stage.checkout.deploy(...flags, '--yes');
    assert.equal(code, 0, stdout + stderr);
    assert.match(
      stdout,
      /serverless-prod is UPDATE_FAILED, left by an update without a way back: going back/,
    );
    assert.match(stdout, /UPDATE_ROLLBACK_COMPLETE/);
  });

  it('is protected against deletion, being called prod, until that is lifted', async () => {
    const refused = await stage.checkout.deploy('down', ...flags, '--yes');
    assert.equal(refused.code, 1);
    assert.match(
      refused.stderr,
      /--lift-protection[\s\S]*✖ postagram-server-prod is protected against deletion/,
    );
    assert.equal((await stage.stack(stage.server))?.protected, true);
    const all = ['down', '--data', '--confirm-stage=prod', ...flags, '--yes'];
    assert.match(
      (await stage.checkout.deploy(...all)).stderr,
      /server-prod and postagram-serverless-prod are protected/,
    );
    const { code, stdout, stderr } = await stage.checkout.deploy(...all, '--lift-protection');
    assert.equal(code, 0, stdout + stderr);
    assert.equal(await stage.stack(stage.server), undefined);
    assert.equal(await stage.stack(stage.serverless), undefined);
  });
});
