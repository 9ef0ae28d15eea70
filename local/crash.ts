/**
 * `npm run crash`: twenty times, posts stream to a Postagram that is killed with SIGKILL at a random moment and started
 * again on the same data. Every post that was acknowledged has to be there in the end.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { spawnPostagram } from './child.ts';

const ROUNDS = 20;
/** Requests under way at once. */
const STREAMS = 8;
/** The kill comes this long after the stream began, at random, milliseconds. */
const KILL_AFTER_MS = { min: 150, max: 900 };

const user = 'crash';
const dataDir = await mkdtemp(join(tmpdir(), 'postagram-crash-'));
const acknowledged = new Set<string>();
let refused = 0;

try {
  for (let round = 1; round <= ROUNDS; round++) {
    const { url, process: server, exited } = await spawnPostagram(dataDir, { LOG_LEVEL: 'warn' });
    const before = acknowledged.size;
    const streams = Array.from({ length: STREAMS }, () => postUntilItDies(url));
    const { min, max } = KILL_AFTER_MS;
    setTimeout(() => server.kill('SIGKILL'), min + Math.random() * (max - min));
    await Promise.all([...streams, exited]);
    console.log(`round ${round}: ${acknowledged.size - before} posts acknowledged, then killed`);
  }

  const { url, process: server, exited } = await spawnPostagram(dataDir, { LOG_LEVEL: 'warn' });
  const kept = new Set(await readPosts(url));
  server.kill('SIGINT');
  await exited;

  const lost = [...acknowledged].filter((id) => !kept.has(id));
  const more = kept.size - (acknowledged.size - lost.length);
  console.log(
    `${ROUNDS} kills: ${acknowledged.size} posts acknowledged, ${lost.length} of them lost;` +
      ` ${more} more were stored whose answer the kill cut off; ${refused} answers were errors.`,
  );
  for (const id of lost) console.log(`lost: ${id}`);
  if (lost.length > 0 || acknowledged.size === 0) process.exitCode = 1;
} finally {
  await rm(dataDir, { recursive: true, force: true });
}

/** Posts one after the other; the first connection that breaks ends it. */
async function postUntilItDies(url: string) {
  for (;;) {
    try {
      const response = await fetch(`${url}/posts`, {
        method: 'POST',
        headers: { authorization: user, 'content-type': 'application/json' },
        body: JSON.stringify({ title: 'A post', body: `written at ${new Date().toISOString()}` }),
      });
      // The whole answer has to arrive: only then does a client know.
      const body: unknown = await response.json();
      if (response.status === 201) acknowledged.add(idOf(body));
      else refused++;
    } catch {
      return;
    }
  }
}

async function readPosts(url: string): Promise<string[]> {
  const response = await fetch(`${url}/posts?user=${user}`);
  const posts: unknown = await response.json();
  if (!Array.isArray(posts)) throw new Error(`GET /posts answered ${response.status}`);
  return posts.map(idOf);
}

function idOf(post: unknown): string {
  if (typeof post === 'object' && post !== null && 'id' in post && typeof post.id === 'string')
    return post.id;
  throw new Error(`not a post: ${JSON.stringify(post)}`);
}
