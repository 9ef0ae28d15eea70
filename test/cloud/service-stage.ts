import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer, request as send } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { pipeline } from 'node:stream/promises';
import {
  CloudFormationClient,
  DescribeStackResourcesCommand,
  DescribeStacksCommand,
  ListStacksCommand,
} from '@aws-sdk/client-cloudformation';
import { DynamoDBClient, ListTablesCommand } from '@aws-sdk/client-dynamodb';
import { ListBucketsCommand, S3Client } from '@aws-sdk/client-s3';
import { startLabels } from '../../local/labels/labels.ts';
import { loadService } from '../../services/services.ts';
import { recordIamActions } from '../iam/record.ts';
import { assertServiceRolesFit, type Deployed } from '../iam/service-roles.ts';
import { freePort } from '../support/free-port.ts';
import { connect } from '../support/http-client.ts';
import { copyCheckout } from './checkout.ts';
import {
  accessKeyOf,
  account,
  credentials,
  functionCredentials,
  region,
  startMinistack,
} from './ministack.ts';

export type ServiceStage = Awaited<ReturnType<typeof startServiceStage>>;

/**
 * A checkout to deploy a service from, and an emulated AWS that enforces IAM to deploy it to, with a recorder of what its
 * functions ask of AWS. `close` ends and removes all of it.
 * @param service its name
 * @param options.labels whether photos can be labelled, by the local network
 * @param options.env further variables, which the functions inherit
 */
export async function startServiceStage(
  service: string,
  options: { labels?: boolean; env?: Record<string, string> } = {},
) {
  const folder = await mkdtemp(join(tmpdir(), 'postagram-cloud-'));
  const closers: (() => Promise<unknown> | void)[] = [() => rm(folder, { recursive: true, force: true })];
  const close = async () => {
    while (closers.length > 0) await closers.pop()?.();
  };
  try {
    const [port, labelsPort] = [await freePort(), await freePort()];
    const aws = `http://127.0.0.1:${port}`;
    const [data, rekognition] = await Promise.all(
      [aws, `http://127.0.0.1:${labelsPort}`].map((target) => recordIamActions(target, { region, account })),
    );
    if (!data || !rekognition) throw new Error('two recorders were asked for');
    closers.push(data.close, rekognition.close);
    const ministack = await startMinistack(folder, port, {
      // Only what the functions ask goes through the recorders, not the deployment itself.
      AWS_ENDPOINT_URL_DYNAMODB: data.endpoint,
      AWS_ENDPOINT_URL_S3: data.endpoint,
      AWS_ENDPOINT_URL_EC2: data.endpoint,
      AWS_ENDPOINT_URL_AUTO_SCALING: data.endpoint,
      AWS_ENDPOINT_URL_REKOGNITION: rekognition.endpoint,
      ...options.env,
    });
    closers.push(ministack.stop);
    if (options.labels) {
      const labels = await startLabels({
        s3Endpoint: ministack.url,
        region,
        credentials: functionCredentials,
        log: (message, error) => console.error(message, error),
        port: labelsPort,
      });
      closers.push(labels.close);
    }
    const checkout = await copyCheckout(join(folder, 'checkout'), ministack.env);
    const config = { region, credentials, endpoint: ministack.url };
    const cfn = new CloudFormationClient(config);
    const s3 = new S3Client({ ...config, forcePathStyle: true });
    const dynamodb = new DynamoDBClient(config);
    closers.push(() => [cfn, s3, dynamodb].forEach((client) => client.destroy()));

    const outputs = async (): Promise<Record<string, string>> => {
      const text = await readFile(join(checkout.folder, `outputs-${service}.json`), 'utf8');
      const { stage: _stage, region: _region, ...stacks } = JSON.parse(text);
      return Object.assign({}, ...Object.values(stacks));
    };

    const deployed = async (StackName: string): Promise<Deployed> => {
      const [{ Stacks: [stack] = [] }, { StackResources = [] }] = await Promise.all([
        cfn.send(new DescribeStacksCommand({ StackName })),
        cfn.send(new DescribeStackResourcesCommand({ StackName })),
      ]);
      const parameters = (stack?.Parameters ?? []).map((one) => [one.ParameterKey, one.ParameterValue]);
      const names = StackResources.map((one) => [one.LogicalResourceId, one.PhysicalResourceId]);
      return { parameters: Object.fromEntries(parameters), names: Object.fromEntries(names) };
    };
    const uses = (accessKey?: string) => [...data.uses(accessKey), ...rekognition.uses(accessKey)];

    return {
      close,
      ministack,
      cfn,
      s3,
      dynamodb,
      /** Outputs of all its stacks. */
      outputs,
      /** What the functions have asked of AWS so far; with an access key, its owner alone. */
      uses,

      /**
       * What each function asked so far is all that its role allows, and every action is in it.
       * @param name of the deployed stage
       */
      async assertRolesFit(name: string) {
        const definition = await loadService(service);
        const stacks = definition.stacks.map(
          async (one) => [one.name, await deployed(`${service}-${one.name}-${name}`)] as const,
        );
        const byName = Object.fromEntries(await Promise.all(stacks));
        await assertServiceRolesFit(definition, byName, (one) => uses(accessKeyOf(one)), { region, account });
      },

      /** What a resource is called, by the name of its stack inside the service and its logical id; of stage `cloud`. */
      physicalName: async (stack: string, id: string): Promise<string> =>
        (await deployed(`${service}-${stack}-cloud`)).names[id] ?? '',

      /** Runs deploy.ts for the service. @throws Error with what it printed, when it fails */
      async deploy(...args: string[]): Promise<string> {
        const { code, stdout, stderr } = await checkout.deploy(...args, `--service=${service}`);
        if (code !== 0) throw new Error(stdout + stderr);
        return stdout;
      },

      /**
       * The deployed API, through API Gateway.
       * @param url an output: API Gateway's own address of the API, stage included
       */
      async open(url: string) {
        const { hostname, pathname } = new URL(url);
        // MiniStack has every API under its id at its own port; a name is not in the DNS.
        const host = `${hostname.split('.')[0]}.execute-api.localhost:${port}`;
        const gate = createServer((request, response) => {
          const headers = { ...request.headers, host };
          const onward = send({
            host: '127.0.0.1',
            port,
            method: request.method,
            path: request.url,
            headers,
          });
          onward.on('response', (answer) => {
            response.writeHead(answer.statusCode ?? 502, answer.headers);
            pipeline(answer, response).catch(() => response.destroy());
          });
          pipeline(request, onward).catch(() => response.destroy());
        });
        gate.listen(0, '127.0.0.1');
        await once(gate, 'listening');
        closers.push(() => {
          gate.closeAllConnections();
          gate.close();
        });
        // A server that listens on TCP has an AddressInfo.
        const base = `http://127.0.0.1:${(gate.address() as AddressInfo).port}${pathname.replace(/\/$/, '')}`;
        return { url: base, call: connect(base) };
      },

      /** Names of all that deployments leave: stacks, tables, buckets. */
      async remains(): Promise<string[]> {
        const [{ StackSummaries = [] }, { TableNames = [] }, { Buckets = [] }] = await Promise.all([
          cfn.send(new ListStacksCommand({})),
          dynamodb.send(new ListTablesCommand({})),
          s3.send(new ListBucketsCommand({})),
        ]);
        const stacks = StackSummaries.filter(({ StackStatus }) => StackStatus !== 'DELETE_COMPLETE');
        return [
          ...stacks.map(({ StackName = '' }) => StackName),
          ...TableNames,
          ...Buckets.map(({ Name = '' }) => Name),
        ];
      },
    };
  } catch (error) {
    await close();
    throw error;
  }
}
