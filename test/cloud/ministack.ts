/**
 * MiniStack, the AWS emulator. What it lacks, and where these tests make up for it, so that no product code has to:
 * - no Rekognition: AWS_ENDPOINT_URL_REKOGNITION leads its Lambda to the local label service (stage.ts);
 * - what emulator.py teaches it: credentials of instances and functions that belong to their role, dead letters as
 *   Lambda writes them, the arm64 image's public SSM parameter;
 * - no instances behind an Auto Scaling group, and no load balancer in front: fleet.ts plays both;
 * - the names of its load balancers are not in the DNS: aws-names.mjs;
 * - no bucket CORS through CloudFormation, so no test here speaks as a browser to the bucket;
 * - a function made by CloudFormation has no dead letter queue: operate.test.ts sets it;
 * - event keys are not URL-encoded, so photos have plain names here (encoded keys: the tests of the labeler);
 * - change sets list resources whose condition is false, so counts of changes are not compared.
 */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

export const repository = join(import.meta.dirname, '..', '..');
export const region = 'eu-west-1';
/** The account MiniStack gives to a key that is not an account number. */
export const account = '000000000000';
/** Those of the account's root: with them tests and deploy.ts may do everything. */
export const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };

/** What a Lambda inside MiniStack signs with: a session of its role (emulator.py). */
export const functionCredentials = {
  accessKeyId: 'ASIAFUNCTION00000000',
  secretAccessKey: 'secret of the function',
  sessionToken: 'token of the function',
};

/** The access key of a function (emulator.py), by its physical name. */
export const accessKeyOf = (functionName: string): string =>
  functionName.includes('Label')
    ? functionCredentials.accessKeyId
    : `ASIA${createHash('sha256').update(functionName).digest('hex').slice(0, 16).toUpperCase()}`;

export type Ministack = Awaited<ReturnType<typeof startMinistack>>;

/** Waits until `look` gives something, or throws what it was about after `limit` ms. */
export async function until<T>(
  what: string,
  look: () => Promise<T | undefined>,
  limit = 120_000,
): Promise<T> {
  for (const end = Date.now() + limit; ; await pause(100)) {
    const found = await look();
    if (found !== undefined) return found;
    if (Date.now() > end) throw new Error(`Waited ${limit / 1000} s for ${what}`);
  }
}

/**
 * Starts MiniStack on a port of this machine alone.
 * @param folder for its files and its log
 * @param port that is free
 * @param env further variables, which its Lambdas inherit
 */
export async function startMinistack(folder: string, port: number, env: Record<string, string>) {
  const url = `http://127.0.0.1:${port}`;
  const imageFile = join(folder, 'newest-image');
  const publishImage = (id: string) => writeFile(imageFile, id);
  await publishImage('ami-0000000000000aaaa');
  const child = spawn(
    join(repository, '.cache/venv/bin/python'),
    [join(import.meta.dirname, 'emulator.py')],
    {
      cwd: folder,
      env: {
        PATH: process.env.PATH,
        PYTHONDONTWRITEBYTECODE: '1',
        TMPDIR: folder,
        GATEWAY_PORT: String(port),
        BIND_HOST: '127.0.0.1',
        // It asks IAM then, and checks signatures, but not those of root's keys.
        AUTH: 'true',
        FUNCTION_ACCESS_KEY_ID: functionCredentials.accessKeyId,
        FUNCTION_SECRET_ACCESS_KEY: functionCredentials.secretAccessKey,
        FUNCTION_SESSION_TOKEN: functionCredentials.sessionToken,
        // Seconds between the tries of an event, where Lambda waits minutes.
        LAMBDA_ASYNC_RETRY_BASE_SECONDS: '0.1',
        IOT_MTLS_ENABLED: '0',
        SFTP_ENABLED: '0',
        MINISTACK_REGION: region,
        NEWEST_IMAGE_FILE: imageFile,
        // Its Lambdas run on this machine's node: the SDK that AWS puts beside a function is the one installed here.
        NODE_PATH: join(repository, 'node_modules'),
        ...env,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  const log = createWriteStream(join(folder, 'ministack.log'));
  child.stdout.pipe(log, { end: false });
  child.stderr.pipe(log, { end: false });
  const stop = async () => {
    child.kill('SIGTERM');
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    log.end();
  };
  try {
    await until('MiniStack', () => answers(`${url}/_ministack/health`));
  } catch (error) {
    await stop();
    throw new Error(`MiniStack did not start:\n${await readFile(join(folder, 'ministack.log'), 'utf8')}`, {
      cause: error,
    });
  }

  return {
    url,
    publishImage,
    /** The environment that leads an SDK there. */
    env: {
      AWS_ENDPOINT_URL: url,
      AWS_REGION: region,
      AWS_ACCESS_KEY_ID: credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
      AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
    },

    /** The environment of an instance: credentials come from the metadata service, as they do on EC2. */
    instanceEnv: {
      AWS_ENDPOINT_URL: url,
      AWS_REGION: region,
      AWS_EC2_METADATA_SERVICE_ENDPOINT: url,
      AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
    },

    /** What the metadata service gives to an instance: a session of its role. */
    async instanceCredentials() {
      const path = 'latest/meta-data/iam/security-credentials/';
      const role = await (await fetch(`${url}/${path}`)).text();
      // The form that EC2 documents of it.
      const document = (await (await fetch(`${url}/${path}${role}`)).json()) as Record<
        'AccessKeyId' | 'SecretAccessKey' | 'Token',
        string
      >;
      const { AccessKeyId, SecretAccessKey, Token } = document;
      return { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey, sessionToken: Token };
    },

    /** A call in EC2's protocol, for which no client is installed; the answer is XML. */
    async ec2(action: string, parameters: Record<string, string> = {}): Promise<string> {
      const credential = `Credential=${credentials.accessKeyId}/20260101/${region}/ec2/aws4_request`;
      const response = await fetch(url, {
        method: 'POST',
        headers: { authorization: `AWS4-HMAC-SHA256 ${credential}, SignedHeaders=host, Signature=unchecked` },
        body: new URLSearchParams({ Action: action, Version: '2016-11-15', ...parameters }),
      });
      return response.text();
    },

    stop,
  };
}

/** Whether this URL answers with success; undefined, to ask again, while it does not. */
export const answers = (url: string) =>
  fetch(url).then(
    ({ ok }) => (ok ? true : undefined),
    () => undefined,
  );
