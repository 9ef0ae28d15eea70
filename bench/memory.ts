/** Case g: how much memory this server takes to stream 100,000 posts. */
import { startContender } from './contenders.ts';
import { tables } from './database/data.ts';
import { startDatabase, type Options } from './measure.ts';
import { stop, usageOf } from './processes.ts';

const sampleEveryMs = 20;

/**
 * Streams `GET /posts` twice on a server that has answered one page, and reads its RSS meanwhile.
 * `growthMiB` is the highest RSS less that of before the first stream.
 */
export async function measureMemory({ bundle }: Pick<Options, 'bundle'>): Promise<Record<string, number>> {
  const database = await startDatabase(tables.many.name);
  const server = await startContender('ours', { database: database.url, table: tables.many.name, bundle });
  try {
    // The database makes its posts now, not while the stream waits.
    await fetch(`${server.url}/posts?limit=20`).then((response) => response.text());
    const before = usageOf(server.pid).rssMiB;
    let peak = before;
    const timer = setInterval(() => (peak = Math.max(peak, usageOf(server.pid).rssMiB)), sampleEveryMs);
    const began = performance.now();
    const posts = await countStreamedPosts(`${server.url}/posts`);
    const seconds = (performance.now() - began) / 1000;
    await countStreamedPosts(`${server.url}/posts`);
    clearInterval(timer);
    if (posts !== tables.many.count) throw new Error(`${posts} posts were streamed`);
    return { posts, seconds, beforeMiB: before, peakMiB: peak, growthMiB: peak - before };
  } finally {
    await Promise.all([server, database].map(({ child }) => stop(child)));
  }
}

async function countStreamedPosts(url: string): Promise<number> {
  const marker = '"id":"POST#';
  const response = await fetch(url);
  if (!response.body) throw new Error('An answer without a body');
  let posts = 0;
  let rest = '';
  for await (const chunk of response.body.pipeThrough(new TextDecoderStream())) {
    const text = rest + chunk;
    posts += text.split(marker).length - 1;
    // Too short for a whole marker, long enough for all of one but its last character.
    rest = text.slice(1 - marker.length);
  }
  return posts;
}
