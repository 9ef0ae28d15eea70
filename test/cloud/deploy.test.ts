import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import http from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { DescribeStacksCommand, CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { DynamoDBClient, ListTablesCommand, ScanCommand } from '@aws-sdk/client-dynamodb';
import { CreateBucketCommand, DeleteBucketCommand, ListBucketsCommand, S3Client } from '@aws-sdk/client-s3';
import { startLabels } from '../../local/labels.ts';
import { copyCheckout } from './checkout.ts';
import { startFleet } from './fleet.ts';
import {
  credentials,
  freePort,
  lambdaCredentials,
  region,
  repository,
  startMinistack,
  until,
} from './ministack.ts';

const stage = 'cloud';
const names = { serverless: `postagram-serverless-${stage}`, server: `postagram-server-${stage}` };

describe('deploy.ts on an emulated AWS', () => {
  let ministack: Awaited<ReturnType<typeof startMinistack>>;
  let labels: Awaited<ReturnType<typeof startLabels>>;
  let fleet: Awaited<ReturnType<typeof startFleet>>;
  let checkout: Awaited<ReturnType<typeof copyCheckout>>;
  let folder: string;
  let cfn: CloudFormationClient;
  let s3: S3Client;
  let dynamodb: DynamoDBClient;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'postagram-cloud-'));
    const labelsPort = await freePort();
    ministack = await startMinistack(folder, {
      AWS_ENDPOINT_URL_REKOGNITION: `http://127.0.0.1:${labelsPort}`,
    });
    labels = await startLabels({
      s3Endpoint: ministack.url,
      region,
      credentials: lambdaCredentials,
      log: (message, error) => console.error(message, error),
      port: labelsPort,
    });
    fleet = await startFleet(ministack, folder, ministack.env);
    checkout = await copyCheckout(join(folder, 'checkout'), {
      ...ministack.env,
      NODE_OPTIONS: `--import=${join(import.meta.dirname, 'load-balancer-names.mjs')}`,
      LOAD_BALANCER_PORT: String(fleet.port),
    });
    const config = { region, credentials, endpoint: ministack.url };
    cfn = new CloudFormationClient(config);
    s3 = new S3Client({ ...config, forcePathStyle: true });
    dynamodb = new DynamoDBClient(config);
  });

  after(async () => {
    await fleet?.stop();
    await labels?.close();
    await ministack?.stop();
    for (const client of [cfn, s3, dynamodb]) client?.destroy();
    await rm(folder, { recursive: true, force: true });
  });

  async function stack(name: string) {
    const { Stacks } = await cfn.send(new DescribeStacksCommand({ StackName: name }));
    const [found] = Stacks ?? [];
    assert.ok(found, `${name} exists`);
    return found;
  }

  async function parameters(name: string): Promise<Record<string, string | undefined>> {
    const { Parameters = [] } = await stack(name);
    return Object.fromEntries(
      Parameters.map(({ ParameterKey, ParameterValue }) => [ParameterKey, ParameterValue]),
    );
  }

  async function outputsFile() {
    // Written by deploy.ts in this shape; a wrong one makes the assertions fail.
    return JSON.parse(await readFile(join(checkout.folder, 'outputs.json'), 'utf8')) as {
      serverless: Record<string, string>;
      server: Record<string, string>;
    };
  }

  /** A request to the site under the load balancer's own name, through the load balancer. */
  async function site(method: string, path: string, headers: Record<string, string> = {}, body?: string) {
    const { host } = new URL((await outputsFile()).server.Url ?? '');
    return new Promise<{ status: number; headers: http.IncomingHttpHeaders; body: string }>(
      (resolve, reject) => {
        const request = http.request(
          { host: '127.0.0.1', port: fleet.port, method, path, headers: { host, ...headers }, agent: false },
          (response) => {
            const chunks: Buffer[] = [];
            response.on('data', (chunk: Buffer) => chunks.push(chunk));
            response.on('end', () =>
              resolve({
                status: response.statusCode ?? 0,
                headers: response.headers,
                body: Buffer.concat(chunks).toString(),
              }),
            );
          },
        );
        request.on('error', reject);
        request.end(body);
      },
    );
  }

  it('refuses to change anything without a terminal and without --yes', async () => {
    const { code, stdout, stderr } = await checkout.deploy('--stage', stage);
    assert.equal(code, 1);
    assert.match(stdout, /\+ add +ImageBucket/);
    assert.match(stderr, /add --yes/);
    await assert.rejects(stack(names.serverless), /does not exist/);
  });

  it('deploys both stacks and waits until the site answers through the load balancer', async () => {
    const { code, stdout, stderr } = await checkout.deploy('--stage', stage, '--yes', '--write-env');
    assert.equal(code, 0, stdout + stderr);
    const { Url } = (await outputsFile()).server;
    assert.match(stdout.trimEnd().split('\n').at(-1) ?? '', new RegExp(`✔ ${Url}$`));
  });

  it('hands the outputs of the first stack to the second as parameters of the same name', async () => {
    const { serverless } = await outputsFile();
    const given = await parameters(names.server);
    const shared = Object.keys(serverless).filter((name) => name in given);
    assert.deepEqual(shared.toSorted(), ['ArtifactsBucket', 'Bucket', 'RoleName', 'Table']);
    for (const name of shared) assert.equal(given[name], serverless[name]);
  });

  it('writes bucket and table into .env.local', async () => {
    const { Bucket, Table } = (await outputsFile()).serverless;
    const text = await readFile(join(checkout.folder, '.env.local'), 'utf8');
    assert.equal(text, `BUCKET=${Bucket}\nDYNAMO_TABLE=${Table}\nAWS_REGION=${region}\n`);
  });

  it('tells the instance to run the bundle that it built, under its hash', async () => {
    const orders = fleet.orders();
    const given = await parameters(names.server);
    assert.equal(orders?.key, given.BundleKey);
    assert.equal(orders?.sha256, given.BundleSha256);
    assert.equal(orders?.key, `server/${orders?.sha256}.tar.gz`);
  });

  it('labels a photo: URL from the deployed server, labels from the deployed Lambda, both in the table', async () => {
    const author = { authorization: 'ada', 'content-type': 'application/json' };
    const created = await site(
      'POST',
      '/posts',
      author,
      JSON.stringify({ title: 'Chelsea', body: 'asleep' }),
    );
    assert.equal(created.status, 201, created.body);
    const { id } = JSON.parse(created.body);
    const photo = await readFile(join(repository, 'test/photos/chelsea.jpg'));
    const query = new URLSearchParams({
      filename: 'chelsea.jpg',
      filetype: 'image/jpeg',
      postId: id.split('#')[1],
    });
    const signed = await site('GET', `/signedUrlPut?${query}`, author);
    assert.equal(signed.status, 200, signed.body);
    const { uploadURL, headers } = JSON.parse(signed.body);
    const put = await fetch(uploadURL, { method: 'PUT', headers, body: photo });
    assert.equal(put.status, 200, await put.text());

    const { Table: TableName } = (await outputsFile()).serverless;
    const item = await until('labels in the table', async () => {
      const { Items = [] } = await dynamodb.send(new ScanCommand({ TableName }));
      return Items.find(({ labels: list }) => list !== undefined);
    });
    assert.equal(item.id?.S, id);
    assert.deepEqual(
      item.labels?.L?.map(({ S }) => S),
      ['Cat'],
    );
    const [post] = JSON.parse((await site('GET', '/posts?user=ada', author)).body);
    assert.deepEqual(post.labels, ['Cat']);
    assert.equal(post.status, 'labelled');
  });

  it('serves plain HTTP under a name that is not localhost', async () => {
    const { Url = '' } = (await outputsFile()).server;
    assert.match(Url, /^http:\/\/[a-z0-9.-]+\.elb\.amazonaws\.com$/);
    const preflight = await site('OPTIONS', '/posts', {
      origin: 'https://elsewhere.example',
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'authorization,content-type',
    });
    assert.equal(preflight.status, 204);
    const { headers } = await site('GET', '/health', { origin: 'https://elsewhere.example' });
    assert.equal(headers['access-control-allow-origin'], '*');
    assert.equal(headers['strict-transport-security'], undefined);
    assert.doesNotMatch(headers['content-security-policy']?.toString() ?? '', /upgrade-insecure-requests/);
  });

  it('changes nothing the second time, and exits 0 without being allowed to change anything', async () => {
    const pid = fleet.pid();
    const { code, stdout, stderr } = await checkout.deploy('--stage', stage);
    assert.equal(code, 0, stdout + stderr);
    assert.match(stdout, new RegExp(`${names.serverless}: no changes`));
    assert.match(stdout, new RegExp(`${names.server}: no changes`));
    assert.match(stdout, /bundle is there already/);
    assert.equal(fleet.pid(), pid);
  });

  it('names a new machine image of Amazon in the plan', async () => {
    await ministack.publishImage('ami-0000000000000bbbb');
    const { code, stdout } = await checkout.deploy('diff', '--stage', stage);
    assert.equal(code, 0);
    assert.match(stdout, /ImageId: ami-0000000000000aaaa → ami-0000000000000bbbb/);
    await ministack.publishImage('ami-0000000000000aaaa');
  });

  it('shows a changed template with diff, leaves it, and updates it with up', async () => {
    await checkout.edit('templates/serverless.ts', 'MemorySize: 512', 'MemorySize: 640');
    const shown = await checkout.deploy('diff', '--stage', stage);
    assert.equal(shown.code, 0, shown.stdout + shown.stderr);
    assert.match(shown.stdout, /Labeler +AWS::Lambda::Function +MemorySize/);
    const again = await checkout.deploy('diff', '--stage', stage);
    assert.match(again.stdout, /Labeler +AWS::Lambda::Function +MemorySize/);
    const { code, stdout } = await checkout.deploy('--stage', stage, '--yes');
    assert.equal(code, 0, stdout);
    assert.equal((await stack(names.serverless)).StackStatus, 'UPDATE_COMPLETE');
    assert.match(
      (await checkout.deploy('diff', '--stage', stage)).stdout,
      new RegExp(`${names.serverless}: no changes`),
    );
  });

  it('rolls the fleet when the bundle changes', async () => {
    const [pid, key] = [fleet.pid(), fleet.orders()?.key];
    await checkout.edit('server.ts', "'listening'", "'listening again'");
    const { code, stdout } = await checkout.deploy('--stage', stage, '--yes');
    assert.equal(code, 0, stdout);
    await until('a new instance', async () => (fleet.pid() === pid ? undefined : true));
    assert.notEqual(fleet.orders()?.key, key);
    await until('the site', async () => ((await site('GET', '/health')).status === 200 ? true : undefined));
  });

  it('shows the first cause of a failed update last, exits 1, and the next good deployment recovers', async () => {
    // Valid to every validator: what is wrong stands in the account, not in the template.
    await s3.send(new CreateBucketCommand({ Bucket: 'postagram-taken' }));
    const broken =
      "Taken: new S3.Bucket({ BucketName: 'postagram-taken' }), ArtifactsBucket: artifactsBucket(),";
    await checkout.edit('templates/serverless.ts', 'ArtifactsBucket: artifactsBucket(),', broken);
    await checkout.edit('templates/serverless.ts', 'Logs, Refs', 'Logs, S3, Refs');
    const failed = await checkout.deploy('--stage', stage, '--yes');
    assert.equal(failed.code, 1, failed.stdout);
    const lastLine = failed.stderr.trimEnd().split('\n').at(-1) ?? '';
    assert.match(lastLine, /^✖ Taken \(AWS::S3::Bucket\): .*postagram-taken.* already exists/);
    assert.equal((await stack(names.serverless)).StackStatus, 'UPDATE_ROLLBACK_COMPLETE');
    await checkout.edit('templates/serverless.ts', broken, 'ArtifactsBucket: artifactsBucket(),');
    const { code, stdout, stderr } = await checkout.deploy('--stage', stage, '--yes');
    assert.equal(code, 0, stdout + stderr);
    await s3.send(new DeleteBucketCommand({ Bucket: 'postagram-taken' }));
  });

  it('takes down the site and says what is kept', async () => {
    const { code, stdout, stderr } = await checkout.deploy('down', '--stage', stage, '--yes');
    assert.equal(code, 0, stdout + stderr);
    await assert.rejects(stack(names.server), /does not exist/);
    const { Bucket = '', Table = '' } = (await outputsFile()).serverless;
    assert.ok(stdout.includes(Bucket) && stdout.includes(Table), stdout);
    const { Items } = await dynamodb.send(new ScanCommand({ TableName: Table }));
    assert.equal(Items?.length, 1);
  });

  it('leaves nothing after down --data, which --yes alone does not allow', async () => {
    const refused = await checkout.deploy('down', '--data', '--yes', '--stage', stage);
    assert.equal(refused.code, 1);
    assert.match(refused.stderr, /--confirm-stage/);
    const { code, stdout, stderr } = await checkout.deploy(
      'down',
      '--data',
      '--yes',
      `--stage=${stage}`,
      `--confirm-stage=${stage}`,
    );
    assert.equal(code, 0, stdout + stderr);
    await assert.rejects(stack(names.serverless), /does not exist/);
    assert.deepEqual((await s3.send(new ListBucketsCommand({}))).Buckets ?? [], []);
    assert.deepEqual((await dynamodb.send(new ListTablesCommand({}))).TableNames ?? [], []);
  });
});
