import { isGatewayEvent } from '../../src/http/gateway-event.ts';
import type { GatewayAnswer } from '../../src/http/lambda.ts';

type Handler = (event: unknown) => Promise<GatewayAnswer>;

/**
 * Lets a function of API Gateway be invoked directly too: the event, or its `body`, is then what would be posted. One
 * with `retry: true`, as the schedules send it, fails where the answer is an error, so that Lambda tries again.
 * @param path that it would be posted to
 */
export function withDirectInvoke(handler: Handler, path: string): Handler {
  return async (event) => {
    if (isGatewayEvent(event)) return handler(event);
    const answer = await handler({
      httpMethod: 'POST',
      path,
      headers: { 'content-type': 'application/json' },
      body: bodyOf(event),
    });
    if (isObject(event) && event['retry'] === true && answer.statusCode >= 400) throw new Error(answer.body);
    return answer;
  };
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null;

function bodyOf(event: unknown): string {
  const body = isObject(event) && 'body' in event ? event['body'] : event;
  return typeof body === 'string' ? body : JSON.stringify(body ?? null);
}
