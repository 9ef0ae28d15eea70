import { mkdtemp, readFile, rm } from 'node:fs/promises';
import http from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import {
  CloudFormationClient,
  DescribeStacksCommand,
  SignalResourceCommand,
} from '@aws-sdk/client-cloudformation';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import { startLabels } from '../../local/labels/labels.ts';
import { recordIamActions } from '../iam/record.ts';
import { copyCheckout } from './checkout.ts';
import { startFleet } from './fleet.ts';
import { freePort } from '../support/free-port.ts';
import { account, credentials, functionCredentials, region, startMinistack } from './ministack.ts';

export type Stage = Awaited<ReturnType<typeof startStage>>;

/**
 * A checkout to deploy from, an emulated AWS to deploy to, with real labels, instances and a load balancer, and a
 * recorder of what server and labeler ask of AWS. `close` ends and removes all of it.
 * @param name of the stage that is going to be deployed
 */
export async function startStage(name: string) {
  const folder = await mkdtemp(join(tmpdir(), 'postagram-cloud-'));
  const closers: (() => Promise<unknown> | void)[] = [() => rm(folder, { recursive: true, force: true })];
  const close = async () => {
    while (closers.length > 0) await closers.pop()?.();
  };
  try {
    const [port, labelsPort] = [await freePort(), await freePort()];
    const place = { region, account };
    const [aws, rekognition] = [`http://127.0.0.1:${port}`, `http://127.0.0.1:${labelsPort}`];
    const recorders = await Promise.all(
      [aws, aws, rekognition].map((target) => recordIamActions(target, place)),
    );
    for (const recorder of recorders) closers.push(recorder.close);
    const [dynamodbRecorder, s3Recorder, rekognitionRecorder] = recorders.map(({ endpoint }) => endpoint);
    // Only what runs in the cloud goes through the recorders, not the deployment itself.
    const recorded = {
      AWS_ENDPOINT_URL_DYNAMODB: dynamodbRecorder ?? '',
      AWS_ENDPOINT_URL_S3: s3Recorder ?? '',
      AWS_ENDPOINT_URL_REKOGNITION: rekognitionRecorder ?? '',
    };
    const ministack = await startMinistack(folder, port, recorded);
    closers.push(ministack.stop);
    const openLabels = () =>
      startLabels({
        s3Endpoint: ministack.url,
        region,
        credentials: functionCredentials,
        log: (message, error) => console.error(message, error),
        port: labelsPort,
      });
    let labels = await openLabels();
    closers.push(() => labels.close());
    const fleet = await startFleet(ministack, folder, { ...ministack.instanceEnv, ...recorded });
    closers.push(fleet.stop);

    /** Leads a process to the load balancer by its name. */
    const names = {
      NODE_OPTIONS: `--import=${join(import.meta.dirname, 'aws-names.mjs')}`,
      LOAD_BALANCER_PORT: String(fleet.port),
    };
    const checkout = await copyCheckout(join(folder, 'checkout'), { ...ministack.env, ...names });
    const config = { region, credentials, endpoint: ministack.url };
    const cfn = new CloudFormationClient(config);
    const s3 = new S3Client({ ...config, forcePathStyle: true });
    const dynamodb = new DynamoDBClient(config);
    closers.push(() => [cfn, s3, dynamodb].forEach((client) => client.destroy()));

    const outputs = async () =>
      // deploy.ts writes it in this shape; with another one the assertions fail.
      JSON.parse(await readFile(join(checkout.folder, 'outputs.json'), 'utf8')) as {
        serverless: Record<string, string>;
        server: Record<string, string>;
      };

    return {
      close,
      ministack,
      fleet,
      checkout,
      names,
      s3,
      dynamodb,
      outputs,
      serverless: `postagram-serverless-${name}`,
      server: `postagram-server-${name}`,
      /** Rekognition cannot be reached while this runs. */
      async withoutLabels<T>(work: () => Promise<T>): Promise<T> {
        await labels.close();
        try {
          return await work();
        } finally {
          labels = await openLabels();
        }
      },

      /** What server, labeler and instances have asked of AWS so far. */
      uses: () => recorders.flatMap((recorder) => recorder.uses()),

      /** A stack's status, parameters, tags and protection; undefined when it does not exist. */
      async stack(StackName: string) {
        const answer = await cfn.send(new DescribeStacksCommand({ StackName })).catch((error: Error) => {
          if (error.message.includes('does not exist')) return undefined;
          throw error;
        });
        const [found] = answer?.Stacks ?? [];
        if (!found) return undefined;
        const parameters = (found.Parameters ?? []).map((one) => [one.ParameterKey, one.ParameterValue]);
        const values: Record<string, string> = Object.fromEntries(parameters);
        return {
          status: found.StackStatus,
          parameters: values,
          tags: found.Tags,
          protected: found.EnableTerminationProtection,
        };
      },

      /** Tells CloudFormation that a resource which waits for a signal has failed. */
      fail: (StackName: string, LogicalResourceId: string) =>
        cfn.send(
          new SignalResourceCommand({ StackName, LogicalResourceId, UniqueId: 'test', Status: 'FAILURE' }),
        ),

      /** A request to the site under the load balancer's own name, through the load balancer. */
      async site(method: string, path: string, headers: Record<string, string> = {}, body?: string) {
        const { host } = new URL((await outputs()).server.Url ?? '');
        const request = http.request({
          host: '127.0.0.1',
          port: fleet.port,
          method,
          path,
          headers: { host, ...headers },
          agent: false,
        });
        const answer = new Promise<http.IncomingMessage>((resolve, reject) => {
          request.on('response', resolve).on('error', reject).end(body);
        });
        const response = await answer;
        return {
          status: response.statusCode ?? 0,
          headers: response.headers,
          body: (await buffer(response)).toString(),
        };
      },
    };
  } catch (error) {
    await close();
    throw error;
  }
}
