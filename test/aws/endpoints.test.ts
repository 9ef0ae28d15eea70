import { equal } from 'node:assert/strict';
import { describe, test } from 'node:test';

import { anonymousPrincipal, runSimulation } from '@cloud-copilot/iam-simulate';

import { parameterSets } from '../templates/parameter-sets.ts';
import { resolve } from '../templates/resolve.ts';
import { compileStacks } from '../templates/stacks.ts';

const account = '123456789012';
const given = parameterSets.server['nothing given'] ?? {};
const { Resources } = resolve(compileStacks().server, given);
const images = `arn:aws:s3:::${given['Bucket']}`;
const bundles = `arn:aws:s3:::${given['ArtifactsBucket']}`;
const table = `arn:aws:dynamodb:eu-west-1:${account}:table/${given['Table']}`;
const packages = 'arn:aws:s3:::al2023-repos-eu-west-1-de612dc2';

function policy(statement: object) {
  return { Version: '2012-10-17', Statement: [statement] };
}

/** Whether a request passes a gateway endpoint, made by somebody whom everything else allows it. */
async function passes(endpoint: string, who: 'server' | 'anybody', action: string, resource: string) {
  const everything = { Effect: 'Allow', Action: '*', Resource: '*' };
  const result = await runSimulation(
    {
      request: {
        principal: who === 'server' ? `arn:aws:iam::${account}:role/postagram` : anonymousPrincipal,
        action,
        resource: { resource, accountId: who === 'server' ? account : '999999999999' },
        contextVariables: {},
      },
      identityPolicies: who === 'server' ? [{ name: 'everything', policy: policy(everything) }] : [],
      ...(who === 'anybody' && { resourcePolicy: policy({ ...everything, Principal: '*' }) }),
      serviceControlPolicies: [],
      resourceControlPolicies: [],
      vpcEndpointPolicies: [{ name: endpoint, policy: Resources[endpoint]?.Properties?.['PolicyDocument'] }],
    },
    {},
  );
  if (result.resultType === 'error') throw new Error(result.errors.message);
  return result.overallResult === 'Allowed';
}

const rows: [string, string, 'server' | 'anybody', string, string, boolean][] = [
  [
    'the server deletes a photo',
    'ToBuckets',
    'server',
    's3:DeleteObjectVersion',
    `${images}/ada/1/photo.jpg`,
    true,
  ],
  ['the server lists versions', 'ToBuckets', 'server', 's3:ListBucketVersions', images, true],
  ['a photo that is read', 'ToBuckets', 'server', 's3:GetObject', `${images}/ada/1/photo.jpg`, false],
  [
    'an instance fetches its bundle',
    'ToBuckets',
    'server',
    's3:GetObject',
    `${bundles}/server/1.tar.gz`,
    true,
  ],
  [
    'dnf reads a package, without credentials',
    'ToBuckets',
    'anybody',
    's3:GetObject',
    `${packages}/core/a.rpm`,
    true,
  ],
  [
    'photos carried to a foreign bucket',
    'ToBuckets',
    'server',
    's3:PutObject',
    'arn:aws:s3:::foreign/photo.jpg',
    false,
  ],
  ['a package that is written', 'ToBuckets', 'server', 's3:PutObject', `${packages}/core/a.rpm`, false],
  ['a bundle that is replaced', 'ToBuckets', 'server', 's3:PutObject', `${bundles}/server/1.tar.gz`, false],
  ['a post is made', 'ToTable', 'server', 'dynamodb:PutItem', table, true],
  ['everybody’s posts are read', 'ToTable', 'server', 'dynamodb:Query', `${table}/index/by-time`, true],
  ['a post is deleted', 'ToTable', 'server', 'dynamodb:DeleteItem', table, true],
  ['the whole table scanned', 'ToTable', 'server', 'dynamodb:Scan', table, false],
  ['a foreign table', 'ToTable', 'server', 'dynamodb:GetItem', `${table}-other`, false],
];

describe('the gateway endpoints, under the rules of IAM', () => {
  for (const [what, endpoint, who, action, resource, expected] of rows)
    test(`${what}: ${expected ? 'passes' : 'does not pass'}`, async () => {
      equal(await passes(endpoint, who, action, resource), expected);
    });
});
