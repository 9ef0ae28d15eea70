import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { CloudFormationClient, CreateStackCommand } from '@aws-sdk/client-cloudformation';
import { DeleteItemCommand, ListTablesCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { ListBucketsCommand } from '@aws-sdk/client-s3';
import { at, compileStacks } from '../templates/stacks.ts';
import { account, credentials, region, until } from './ministack.ts';
import { startStage } from './stage.ts';
import type { Stage } from './stage.ts';

const flags = ['--stage=still', '--yes'];
const images = `postagram-images-still-${account}-${region}`;

/** The table and the bucket of the first stack, and a third resource that is never made. */
function template() {
  const { serverless } = compileStacks();
  const DeletionPolicy = at(serverless, 'ImageBucket.DeletionPolicy');
  return {
    Resources: {
      PostsTable: serverless.Resources['PostsTable'],
      ImageBucket: { Type: 'AWS::S3::Bucket', DeletionPolicy, Properties: { BucketName: images } },
      // Waits for a signal that nobody sends.
      Never: {
        Type: 'AWS::CloudFormation::WaitCondition',
        Properties: {},
        CreationPolicy: { ResourceSignal: { Count: 1, Timeout: 'PT2S' } },
        DependsOn: ['PostsTable', 'ImageBucket'],
      },
    },
  };
}

describe('a first stack that failed and was not rolled back', () => {
  let stage: Stage;
  let table = '';
  const key = { user: { S: 'USER#ada' }, id: { S: 'POST#1' } };
  const buckets = async () => {
    const { Buckets = [] } = await stage.s3.send(new ListBucketsCommand({}));
    return Buckets.map(({ Name = '' }) => Name).toSorted();
  };

  before(async () => {
    stage = await startStage('still');
    const cfn = new CloudFormationClient({ region, credentials, endpoint: stage.ministack.url });
    await cfn.send(
      new CreateStackCommand({
        StackName: stage.serverless,
        TemplateBody: JSON.stringify(template()),
        DisableRollback: true,
      }),
    );
    await until('the failure', async () =>
      (await stage.stack(stage.serverless))?.status === 'CREATE_FAILED' ? true : undefined,
    );
    cfn.destroy();
    const { TableNames = [] } = await stage.dynamodb.send(new ListTablesCommand({}));
    table = TableNames[0] ?? '';
    assert.deepEqual(await buckets(), [images]);
  });
  after(() => stage.close());

  it('is left as it is, with all its data, when its table is not empty', async () => {
    await stage.dynamodb.send(new PutItemCommand({ TableName: table, Item: key }));
    const { code, stderr } = await stage.checkout.deploy(...flags);
    assert.equal(code, 1);
    assert.ok(stderr.includes(`its PostsTable (${table}) is not empty`), stderr);
    assert.equal((await stage.stack(stage.serverless))?.status, 'CREATE_FAILED');
    assert.deepEqual(await buckets(), [images]);
    await stage.dynamodb.send(new DeleteItemCommand({ TableName: table, Key: key }));
  });

  it('takes its empty table and bucket with it when it is made anew', async () => {
    const { code, stdout, stderr } = await stage.checkout.deploy(...flags);
    assert.equal(code, 0, stdout + stderr);
    assert.ok(
      stdout.includes(`Deleting the empty bucket ${images}, which the stack would leave behind`),
      stdout,
    );
    assert.ok(stdout.includes(`Deleting the empty table ${table}`), stdout);
    assert.equal((await stage.stack(stage.serverless))?.status, 'CREATE_COMPLETE');
  });
});
