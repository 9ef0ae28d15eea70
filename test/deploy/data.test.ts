import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { describe, it } from 'node:test';
import type { TestContext } from 'node:test';
import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { dataIn } from '../../deploy/commands/data.ts';

/** A CloudFormation with one stack of this template and these resources: `Id TYPE STATUS name`. */
async function stackOf(t: TestContext, template: object, resources: string[]): Promise<CloudFormationClient> {
  const members = resources.map((row) => {
    const [id, type, status, name] = row.split(' ');
    return `<member><LogicalResourceId>${id}</LogicalResourceId><PhysicalResourceId>${name}</PhysicalResourceId><ResourceType>${type}</ResourceType><ResourceStatus>${status}</ResourceStatus></member>`;
  });
  const results: Record<string, string> = {
    GetTemplate: `<TemplateBody>${JSON.stringify(template).replaceAll('"', '&quot;')}</TemplateBody>`,
    DescribeStackResources: `<StackResources>${members.join('')}</StackResources>`,
  };
  const server = createServer(async (request, response) => {
    const action = new URLSearchParams(await text(request)).get('Action') ?? '';
    response.end(
      `<${action}Response><${action}Result>${results[action]}</${action}Result></${action}Response>`,
    );
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  // A server that listens on TCP has an AddressInfo; only pipes have a string.
  const { port } = server.address() as AddressInfo;
  const credentials = { accessKeyId: 'a', secretAccessKey: 'b' };
  const cfn = new CloudFormationClient({
    region: 'eu-west-1',
    credentials,
    endpoint: `http://127.0.0.1:${port}`,
  });
  t.after(() => {
    cfn.destroy();
    server.close();
    server.closeAllConnections();
  });
  return cfn;
}

const kept = { DeletionPolicy: 'RetainExceptOnCreate' };
const template = {
  Resources: {
    Posts: {
      ...kept,
      Type: 'AWS::DynamoDB::Table',
      Properties: { PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true } },
    },
    Images: { ...kept, Type: 'AWS::S3::Bucket' },
    Cache: { Type: 'AWS::DynamoDB::Table', Properties: {} },
    Queue: { Type: 'AWS::SQS::Queue' },
  },
};

describe('the data of a stack', () => {
  it('is its tables and buckets: whether they stay behind, and whether a backup does', async (t) => {
    const cfn = await stackOf(t, template, [
      'Posts AWS::DynamoDB::Table CREATE_COMPLETE posts-1',
      'Images AWS::S3::Bucket UPDATE_COMPLETE images-1',
      'Cache AWS::DynamoDB::Table CREATE_COMPLETE cache-1',
      'Queue AWS::SQS::Queue CREATE_COMPLETE queue-1',
    ]);
    assert.deepEqual(await dataIn(cfn, 's'), [
      { id: 'Posts', kind: 'table', name: 'posts-1', stays: true, backedUp: true },
      { id: 'Images', kind: 'bucket', name: 'images-1', stays: true, backedUp: false },
      { id: 'Cache', kind: 'table', name: 'cache-1', stays: false, backedUp: false },
    ]);
  });

  it('is not what it could not make, because somebody else has it, nor what is gone', async (t) => {
    const cfn = await stackOf(t, template, [
      'Posts AWS::DynamoDB::Table DELETE_COMPLETE posts-1',
      'Images AWS::S3::Bucket CREATE_FAILED images-of-an-earlier-stage',
    ]);
    assert.deepEqual(await dataIn(cfn, 's'), []);
  });
});
