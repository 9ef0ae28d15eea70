import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { describe, it } from 'node:test';

const root = join(import.meta.dirname, '../..');

/** Runs deploy.ts as a person without an AWS account would. */
async function deploy(args: string[], env: Record<string, string> = {}) {
  const child = spawn(process.execPath, ['--import', 'tsx', 'deploy.ts', ...args], {
    cwd: root,
    // A home without AWS configuration, and no look for an instance's own role.
    env: { PATH: process.env.PATH, HOME: '/nonexistent', AWS_EC2_METADATA_DISABLED: 'true', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [[code], stdout, stderr] = await Promise.all([
    once(child, 'close'),
    text(child.stdout),
    text(child.stderr),
  ]);
  // Event arguments have no types: a child that closes gives its exit code first.
  return { code: code as number | null, stdout, stderr };
}

const lastLine = (output: string) => output.trimEnd().split('\n').at(-1);

describe('npx tsx deploy.ts', () => {
  it('tells every command and flag with --help', async () => {
    const { code, stdout } = await deploy(['--help']);
    assert.equal(code, 0);
    const flags = [
      'stage',
      'region',
      'role',
      'instance-profile',
      'vpc',
      'subnets',
      'certificate',
      'domain',
      'service',
      'min',
      'max',
    ];
    const more = [
      'instance-type',
      'allow-cidr',
      'cors-origin',
      'alarm-email',
      'yes',
      'write-env',
      'dry-run',
      'data',
    ];
    for (const flag of [...flags, ...more, 'help', 'confirm-stage'])
      assert.match(stdout, new RegExp(`--${flag}\\b`));
    for (const command of ['up', 'down', 'diff', 'outputs'])
      assert.match(stdout, new RegExp(`^ {2}${command} `, 'm'));
  });

  it('ends a wrong flag with one line that names it, and exit code 1', async () => {
    const { code, stderr } = await deploy(['--stages', 'dev']);
    assert.equal(code, 1);
    assert.equal(lastLine(stderr), "✖ Unknown option '--stages'");
  });

  it('compiles, validates and plans with --dry-run, without credentials and without a region', async () => {
    const { code, stdout, stderr } = await deploy(['--dry-run', '--stage', 'plan', '--role', 'LabRole']);
    assert.equal(code, 0, stdout + stderr);
    assert.match(stdout, /template, valid[\s\S]*template, valid/);
    assert.match(
      stdout,
      /postagram-serverless-plan: what it is made of[\s\S]* PostsTable +AWS::DynamoDB::Table/,
    );
    assert.match(
      stdout,
      /postagram-server-plan: what it is made of[\s\S]* Fleet +AWS::AutoScaling::AutoScalingGroup/,
    );
    assert.match(stdout, / RoleArn +arn:aws:iam::ACCOUNT:role\/LabRole/);
    assert.match(stdout, / Table +\(output of serverless\)/);
    assert.doesNotMatch(stdout, /AWS::IAM::Role/);
    assert.match(stdout, /Nothing was sent/);
  });

  it('plans a role of our own when none is given', async () => {
    const { stdout } = await deploy(['--dry-run']);
    assert.match(stdout, / Role +AWS::IAM::Role/);
    assert.match(stdout, / RoleArn +\(none\)/);
  });

  it('says plainly that there is no region', async () => {
    const { code, stderr } = await deploy(['outputs'], {
      AWS_ACCESS_KEY_ID: 'a',
      AWS_SECRET_ACCESS_KEY: 'b',
    });
    assert.equal(code, 1);
    assert.match(lastLine(stderr) ?? '', /^✖ No AWS region\. Give --region/);
  });

  it('says plainly that there are no credentials', async () => {
    const { code, stderr } = await deploy(['outputs', '--region', 'eu-west-1']);
    assert.equal(code, 1);
    assert.match(lastLine(stderr) ?? '', /^✖ No AWS credentials found/);
  });

  it('refuses a region without Rekognition, given by flag or by environment', async () => {
    for (const [args, env] of [
      [['down', '--region=eu-north-1'], {}] as const,
      [['down'], { AWS_REGION: 'eu-north-1' }] as const,
    ]) {
      const { code, stderr } = await deploy([...args], env);
      assert.equal(code, 1);
      assert.match(lastLine(stderr) ?? '', /Rekognition is not offered in eu-north-1/);
    }
  });

  it('says plainly that the credentials have expired', async (t) => {
    const aws = createServer((_, response) => {
      response.statusCode = 403;
      response.end(
        '<ErrorResponse><Error><Code>ExpiredToken</Code><Message>expired</Message></Error></ErrorResponse>',
      );
    }).listen(0, '127.0.0.1');
    t.after(() => aws.close());
    await once(aws, 'listening');
    // A server that listens on TCP has an AddressInfo; only pipes have a string.
    const { port } = aws.address() as AddressInfo;
    const credentials = { AWS_ACCESS_KEY_ID: 'ASIA', AWS_SECRET_ACCESS_KEY: 'b', AWS_SESSION_TOKEN: 'c' };
    const { code, stderr } = await deploy(['down', '--region', 'eu-west-1'], {
      ...credentials,
      AWS_ENDPOINT_URL: `http://127.0.0.1:${port}`,
    });
    assert.equal(code, 1);
    assert.match(lastLine(stderr) ?? '', /^✖ The AWS credentials have expired/);
  });

  it('says plainly that AWS cannot be reached', async () => {
    const credentials = { AWS_ACCESS_KEY_ID: 'a', AWS_SECRET_ACCESS_KEY: 'b', AWS_MAX_ATTEMPTS: '1' };
    // Nobody listens on port 1.
    const env = { ...credentials, AWS_ENDPOINT_URL: 'http://127.0.0.1:1' };
    const { code, stderr } = await deploy(['down', '--region', 'eu-west-1'], env);
    assert.equal(code, 1);
    assert.match(lastLine(stderr) ?? '', /^✖ AWS cannot be reached/);
  });
});
