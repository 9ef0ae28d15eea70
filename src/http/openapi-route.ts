import type { Handler, Reply } from './call.ts';
import { JsonText } from './content/json-text.ts';

/**
 * The handler of `GET /openapi.json`. The document is made when it is first asked for, and then kept: a server that starts
 * has better things to do.
 */
export function openApiRoute(make: () => Promise<object>): Handler {
  let reply: Promise<Reply> | undefined;
  return () => (reply ??= make().then(answer));
}

function answer(document: object): Reply {
  const body = new JsonText(JSON.stringify(document));
  return { headers: { 'cache-control': 'no-cache', etag: body.tag() }, body };
}
