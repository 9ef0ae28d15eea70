import { type DynamoDBClient, QueryCommand } from '@aws-sdk/client-dynamodb';
import { AwsSdkSigV4Signer } from '@aws-sdk/core/httpAuthSchemes';
import { getEndpointFromInstructions } from '@smithy/core/endpoints';
import { operation } from '@smithy/core/schema';
import { getSmithyContext, toEndpointV1 } from '@smithy/core/transport';
import type { HandlerExecutionContext, StaticOperationSchema } from '@smithy/types';
import { PlainJsonProtocol } from './dynamo-protocol.ts';
import type { TimelyRetry } from './retry.ts';

type Config = DynamoDBClient['config'];

/**
 * Lets a client call by the SDK's own parts (protocol, signature with its correction of the clock, retries, HTTP handler)
 * without the middlewares that join them: three of those copy all settings of the client at every call, and one makes an
 * error with its stack. What it gains: docs/decisions/sdk-parts.md.
 */
export function callDirectly({ config, middlewareStack }: DynamoDBClient, retries: TimelyRetry): void {
  const { protocol } = config;
  if (!(protocol instanceof PlainJsonProtocol)) throw new Error('callDirectly is for PlainJsonProtocol');
  const signer = new AwsSdkSigV4Signer();
  let settings: Settings | undefined;

  middlewareStack.add(
    (_next, context) => {
      const schema = schemaOf(context);
      return async ({ input }) => {
        const serde = (settings ??= await settingsOf(config));
        const request = await protocol.serializeRequest(schema, input, serde);
        request.headers.host = request.port ? `${request.hostname}:${request.port}` : request.hostname;
        return retries.run(async () => {
          const signing = { config, context };
          await signer.sign(request, await config.credentials(), signing);
          const { response } = await config.requestHandler.handle(request);
          try {
            const output = await protocol.deserializeResponse(schema, serde, response);
            signer.successHandler(response, signing);
            return { response, output };
          } catch (error) {
            throw signer.errorHandler(signing)(answeredWith(error, response));
          }
        });
      };
    },
    // The last of the first step: what the SDK adds comes after it, and is not called.
    { step: 'initialize', priority: 'low', name: 'callDirectly' },
  );
}

type Settings = Awaited<ReturnType<typeof settingsOf>>;

/** The client's settings, and its endpoint: asked for once, since it follows from the region and the account. */
async function settingsOf(config: Config) {
  const endpoint = toEndpointV1(await getEndpointFromInstructions({}, QueryCommand, config));
  return { ...config, endpoint: async () => endpoint };
}

function schemaOf(context: HandlerExecutionContext) {
  // Every command of the SDK says here what it is.
  const { operationSchema } = getSmithyContext(context) as { operationSchema: StaticOperationSchema };
  const [, namespace, name, traits, input, output] = operationSchema;
  return operation(namespace, name, traits, input, output);
}

/** An error as the SDK has it, from which the clock is corrected; hidden, so that no log shows the answer. */
const answeredWith = (error: unknown, response: unknown): Error =>
  Object.defineProperty(error instanceof Error ? error : new Error(String(error)), '$response', {
    value: response,
  });
