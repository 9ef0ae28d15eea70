import type { Handler, Reply } from './call.ts';

/**
 * The handler of `GET /openapi.json`. The document is made when it is first asked for, and then kept: a server that starts
 * has better things to do.
 */
export function openApiRoute(make: () => Promise<object>): Handler {
  let reply: Promise<Reply> | undefined;
  return () => (reply ??= make().then(answer));
}

const answer = (document: object): Reply => ({
  headers: { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-cache' },
  body: Buffer.from(JSON.stringify(document)),
});
