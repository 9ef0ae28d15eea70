/** What goes wrong behind the server, and who asks meanwhile. */
import { setTimeout as sleep } from 'node:timers/promises';
import { ask } from '../siege/subject.ts';
import type { Told } from './clients.ts';
import type { Treatment } from './gate.ts';
import { PAGE, type Scene } from './scene.ts';

/** @returns what was told, by who asked; and what else there is to say */
type Case = { title: string; run: (scene: Scene) => Promise<Report> };
export type Report = { told: Record<string, Told[]>; facts?: Record<string, string> };

/** What a 503 asks for in its `Retry-After`, ms. */
const RETRY_MS = 2_000;
const READ = 'GET /posts/{id}';
const WRITE = { method: 'POST', headers: { authorization: 'ada' }, body: '{"title":"t","body":"b"}' };

export const cases: Record<string, Case> = {
  refused: {
    title: 'The database is refused for 20 s; 20 clients, 10 ms between their requests',
    async run(scene) {
      const clients = scene.clients(20, 30, 10);
      await sleep(3_000);
      await scene.database.refuse();
      await sleep(20_000);
      const back = Date.now();
      await scene.database.accept();
      return { told: { [READ]: await clients }, facts: firstAfter(back, await clients) };
    },
  },
  slow: slow(1_000),
  flood: slow(10_000),
  pages: {
    title: 'Every answer of the database takes 5 s; 200 clients that ask for a page of 20 posts',
    async run(scene) {
      scene.database.set(() => ({ delayMs: 5_000 }));
      return { told: { [`GET ${PAGE}`]: await scene.clients(200, 20, RETRY_MS, PAGE) } };
    },
  },
  silent: {
    title:
      'The database takes connections and never answers for 20 s; 200 clients that come again when told to',
    async run(scene) {
      scene.database.set(() => 'silence');
      const clients = scene.clients(200, 30, RETRY_MS);
      await sleep(20_000);
      const back = Date.now();
      scene.database.set(() => 'pass');
      return { told: { [READ]: await clients }, facts: firstAfter(back, await clients) };
    },
  },
  bucket: {
    title: 'S3 takes connections and never answers; 200 DELETE at once, ten of them of posts with a photo',
    async run(scene) {
      const posts: string[] = [];
      while (posts.length < 10) posts.push(await scene.postWithPhoto());
      while (posts.length < 200) posts.push(await scene.post());
      scene.bucket.set(() => 'silence');
      const others = [scene.watch(scene.read), scene.watch('/posts', WRITE)] as const;
      const deletes = await remove(posts);
      const [reads, writes] = await Promise.all(others.map((end) => end()));
      scene.bucket.set(() => 'pass');
      const again = await remove(posts.slice(0, 10));
      return {
        told: {
          DELETE: deletes,
          [READ]: reads ?? [],
          'POST /posts': writes ?? [],
          'DELETE of the photos, S3 being back': again,
        },
      };

      function remove(ids: string[]): Promise<Told[]> {
        const init = { method: 'DELETE', headers: { authorization: 'ada' } };
        return Promise.all(
          ids.map(async (id): Promise<Told> => {
            const { outcome, ms } = await ask(`${scene.server.url}/posts/${id}`, init);
            return [outcome, Math.round(ms), Date.now()];
          }),
        );
      }
    },
  },
  throttled: throttled('every call', () => 'throttle'),
  'throttled-half': throttled('every other call', (nth) => (nth % 2 ? 'throttle' : 'pass')),
};

function slow(clients: number): Case {
  return {
    title: `Every answer of the database takes 5 s; ${clients} clients that come again when told to`,
    async run(scene) {
      scene.database.set(() => ({ delayMs: 5_000 }));
      return { told: { [READ]: await scene.clients(clients, 20, RETRY_MS) } };
    },
  };
}

function throttled(what: string, treat: (nth: number) => Treatment): Case {
  return {
    title: `The database throttles ${what} for 10 s; 20 clients, 10 ms between their requests`,
    async run(scene) {
      let nth = 0;
      scene.database.set(() => treat((nth += 1)));
      const before = scene.database.asked();
      const told = await scene.clients(20, 10, 10);
      const calls = ((scene.database.asked() - before) / told.length).toFixed(2);
      return { told: { [READ]: told }, facts: { 'calls to the database a request': calls } };
    },
  };
}

/** How long after the trouble the first good answer came. */
function firstAfter(back: number, told: Told[]): Record<string, string> {
  const good = told.flatMap(([outcome, , at]) => (outcome === '200' && at >= back ? at - back : []));
  return { 'first 200 after its return': good.length > 0 ? `${Math.min(...good)} ms` : 'none' };
}
