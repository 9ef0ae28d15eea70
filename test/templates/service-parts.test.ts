/** The parts in templates/service, put together into a stack that has all of them, and the stacks of every service. */
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test, type TestContext } from 'node:test';
import { Fn } from 'cloudform';
import { validateTemplates } from '../../deploy/build/validate.ts';
import { loadService, serviceNames } from '../../services/services.ts';
import { bucket, bucketName } from '../../templates/service/bucket.ts';
import {
  allow,
  functionConditions,
  functionParameters,
  lambdaFunction,
} from '../../templates/service/function.ts';
import { restApi, restUrl } from '../../templates/service/rest-api.ts';
import { secretParameters } from '../../templates/service/secret.ts';
import { table } from '../../templates/service/table.ts';
import {
  deadLettersArn,
  objectCreated,
  streamStatements,
  tableStream,
} from '../../templates/service/triggers.ts';

import { at, idsOf } from './stacks.ts';
import type { Stack } from './stacks.ts';
import { bounded } from './points/access.ts';

const images = bucketName('sample', 'Images');
const streamArn = Fn.GetAtt('Things', 'StreamArn');
const cors = {
  AllowedMethods: ['GET', 'PUT'],
  AllowedHeaders: ['content-type'],
  ExposedHeaders: ['ETag'],
  MaxAge: 60,
} as const;

function sample(paths: Record<string, string> = { '/things': 'Api', '/v2/things': 'Api' }) {
  const common = { system: 'sample', description: 'A sample', timeout: 10, environment: {}, statements: [] };
  return {
    AWSTemplateFormatVersion: '2010-09-09',
    Parameters: {
      ...functionParameters('Api', 'Look', 'Tell'),
      ...secretParameters({ Key: { purpose: 'Signs' } }),
    },
    Conditions: functionConditions,
    Resources: {
      Things: table({
        KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
        AttributeDefinitions: [
          { AttributeName: 'id', AttributeType: 'S' },
          { AttributeName: 'day', AttributeType: 'S' },
        ],
        GlobalSecondaryIndexes: [
          {
            IndexName: 'by-day',
            KeySchema: [{ AttributeName: 'day', KeyType: 'HASH' }],
            Projection: { ProjectionType: 'KEYS_ONLY' },
          },
        ],
        stream: true,
        ttl: 'expires',
      }),
      ...bucket('Images', { name: images, definition: { versionDays: 7, cors }, calls: 'Look' }),
      ...lambdaFunction('Api', {
        ...common,
        environment: { SAMPLE_KEY: Fn.Ref('Key') },
        statements: [allow('Things', ['dynamodb:GetItem'], Fn.GetAtt('Things', 'Arn'))],
      }),
      ...lambdaFunction('Look', { ...common, deadLetters: deadLettersArn('Look') }),
      ...objectCreated('Look', images),
      ...lambdaFunction('Tell', { ...common, statements: streamStatements('Tell', streamArn) }),
      ...tableStream('Tell', streamArn, { batchSize: 10, retries: 3 }),
      ...restApi({ system: 'sample', stage: 'v1', paths, access: 'api key' }),
    },
    Outputs: { Url: { Value: restUrl() } },
  };
}

/** Plain data, as it is sent. */
function resources(
  template = sample(),
): Record<string, { Type: string; Properties: Record<string, unknown> }> {
  return JSON.parse(JSON.stringify(template.Resources));
}

async function validate(t: TestContext, template: object) {
  const folder = await mkdtemp(join(tmpdir(), 'postagram-test-'));
  t.after(() => rm(folder, { recursive: true }));
  const path = join(folder, 'template.json');
  await writeFile(path, JSON.stringify(template));
  validateTemplates([path]);
}

test('all parts in one stack are valid to AWS', (t) => validate(t, sample()));

for (const name of serviceNames()) {
  test(`every stack of ${name} is valid to AWS, and its functions are those of service.ts`, async (t) => {
    const { stacks, functions, health } = await loadService(name);
    const templates = await Promise.all(stacks.map(({ template }) => template()));
    for (const template of templates) await validate(t, template);
    const made = templates.flatMap((template) => {
      const { Resources } = JSON.parse(JSON.stringify(template));
      return Object.entries<{ Type: string; Properties: { Timeout: number } }>(Resources).flatMap(
        ([id, { Type, Properties }]) => (Type === 'AWS::Lambda::Function' ? [[id, Properties.Timeout]] : []),
      );
    });
    assert.deepEqual(made.toSorted(), functions.map((one) => [one.name, one.timeout]).toSorted());
    assert.match(health ?? '/', /^\//);
  });
}

for (const name of serviceNames())
  test(`every role of ${name} has the boundary that is given, and none without`, async () => {
    const { stacks } = await loadService(name);
    const roles: string[] = [];
    for (const { template } of stacks) {
      // What JSON.stringify wrote of a template of ours is one.
      const stack = JSON.parse(JSON.stringify(await template())) as Stack;
      for (const id of idsOf(stack, 'AWS::IAM::Role')) {
        roles.push(id);
        assert.deepEqual(at(stack, `${id}.Properties.PermissionsBoundary`), bounded, id);
        assert.equal(stack.Parameters['PermissionsBoundary']?.['Type'], 'String', id);
        const none = { 'Fn::Equals': [{ Ref: 'PermissionsBoundary' }, ''] };
        assert.deepEqual(stack.Conditions['HasBoundary'], { 'Fn::Not': [none] }, id);
      }
    }
    assert.notDeepEqual(roles, []);
  });

const deployment = (paths?: Record<string, string>) =>
  Object.keys(resources(sample(paths))).find((id) => id.startsWith('RestDeployment'));

describe('a REST API', () => {
  test('has each path, all below it, and what leads there, once', () => {
    const paths = Object.entries(resources()).filter(([, { Type }]) => Type === 'AWS::ApiGateway::Resource');
    assert.deepEqual(
      paths.map(([id, { Properties }]) => [id, Properties.PathPart]),
      [
        ['PathThings', 'things'],
        ['PathThingsBelow', '{proxy+}'],
        ['PathV2', 'v2'],
        ['PathV2Things', 'things'],
        ['PathV2ThingsBelow', '{proxy+}'],
      ],
    );
  });

  test('asks for the key on every method but a preflight', () => {
    const methods = Object.values(resources()).filter(({ Type }) => Type === 'AWS::ApiGateway::Method');
    const keys = methods.map(({ Properties }) => [Properties.HttpMethod, Properties.ApiKeyRequired]);
    assert.equal(keys.length, 8);
    for (const [method, key] of keys) assert.equal(key, method !== 'OPTIONS');
  });

  test('is deployed anew when its methods change, and only then', () => {
    assert.equal(deployment(), deployment());
    assert.notEqual(deployment(), deployment({ '/things': 'Api' }));
  });
});

describe('a function', () => {
  test('may write its own log, and nothing that it was not given', () => {
    const { ApiRole } = resources();
    assert.deepEqual(ApiRole?.Properties.Policies, [
      {
        PolicyName: 'sample',
        PolicyDocument: {
          Version: '2012-10-17',
          Statement: [
            {
              Sid: 'Things',
              Effect: 'Allow',
              Action: ['dynamodb:GetItem'],
              Resource: { 'Fn::GetAtt': ['Things', 'Arn'] },
            },
            {
              Sid: 'Logs',
              Effect: 'Allow',
              Action: ['logs:CreateLogStream', 'logs:PutLogEvents'],
              Resource: { 'Fn::GetAtt': ['ApiLogs', 'Arn'] },
            },
          ],
        },
      },
    ]);
  });

  test('that a stream calls answers for single records, and sends what failed for good to its queue', () => {
    const { Properties } = resources().TellStream ?? assert.fail();
    assert.deepEqual(Properties.FunctionResponseTypes, ['ReportBatchItemFailures']);
    assert.deepEqual(Properties.DestinationConfig, {
      OnFailure: { Destination: { 'Fn::GetAtt': ['TellDeadLetters', 'Arn'] } },
    });
  });
});
