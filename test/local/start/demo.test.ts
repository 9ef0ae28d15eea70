import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { it, type TestContext } from 'node:test';
import { launch, spawnPostagram } from '../../../local/child.ts';
import { POSTS } from '../../../local/demo/photos.ts';
import { eventually } from '../../support/eventually.ts';
import { connect } from '../../support/http-client.ts';
import { postsIn } from '../../support/shapes.ts';

const photos = join(import.meta.dirname, '../../../local/demo/photos');
const limit = { timeout: 600_000 };

async function dataFolder(t: TestContext) {
  const folder = await mkdtemp(join(tmpdir(), 'postagram-test-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  return join(folder, 'data');
}

async function startDemo(t: TestContext, dataDir: string) {
  const child = await spawnPostagram(dataDir, {}, ['--demo']);
  t.after(async () => {
    child.process.kill('SIGKILL');
    await child.exited;
  });
  const [said] = await eventually(() => /^The demo.*$/m.exec(child.output()) ?? assert.fail(child.output()));
  const call = connect(child.url);
  const posts = async () => postsIn(await call('GET', '/posts?limit=100'));
  return { ...child, posts, said };
}

it(
  '--demo posts a dozen photos, which are labelled and drawn as any other, and once only',
  limit,
  async (t) => {
    const dataDir = await dataFolder(t);
    const first = await startDemo(t, dataDir);
    assert.equal(first.said, 'The demo: 12 photos sent.');
    const shown = await eventually(async () => {
      const posts = await first.posts();
      assert.deepEqual(
        posts.map(({ title, status }) => [title, status]),
        POSTS.map(({ title }) => [title, 'labelled']).toReversed(),
      );
      return posts;
    });
    for (const [index, { user, body, alt, thumbnails }] of shown.toReversed().entries()) {
      const post = POSTS[index];
      assert.deepEqual([user, alt], [post?.user, post?.alt]);
      assert.ok(body.endsWith(`Photo: ${post?.by}, ${post?.licence}`), 'the credit is in the text');
      assert.ok(thumbnails && thumbnails.length > 0);
    }
    assert.ok(shown.find(({ title }) => title === 'Chelsea')?.labels?.includes('Cat'));
    first.process.kill('SIGINT');
    assert.equal((await first.exited).code, 0);

    const second = await startDemo(t, dataDir);
    assert.equal(second.said, 'The demo is there already.');
    assert.deepEqual(
      (await second.posts()).map(({ id }) => id),
      shown.map(({ id }) => id),
    );
  },
);

it('each photo has its credit, and none is kept that is not shown', async () => {
  const credits = await readFile(join(photos, 'CREDITS.md'), 'utf8');
  const files = (await readdir(photos)).filter((name) => name !== 'CREDITS.md');
  const used = POSTS.filter(({ photo }) => photo.pathname.includes('/demo/photos/'));
  assert.deepEqual(used.map(({ photo }) => basename(photo.pathname)).toSorted(), files.toSorted());
  for (const { photo, by, licence } of used) {
    const row = credits.split('\n').find((line) => line.startsWith(`| ${basename(photo.pathname)} |`));
    assert.ok(row?.includes(by) && row.includes(licence), basename(photo.pathname));
  }
});

it('what does not go together, or is no option, is refused in one line that names it', limit, async (t) => {
  const rows: [options: string[], env: Record<string, string>, told: RegExp][] = [
    [['--demo', '--accounts'], {}, /^--demo posts under plain names.*--accounts.*\n$/],
    [['--demo'], { IDENTITY: 'jwt' }, /^--demo posts under plain names.*IDENTITY=jwt.*\n$/],
    [['--demos'], {}, /^Unknown option '--demos'.*\n$/],
  ];
  for (const [options, env, told] of rows) {
    const { code, stdout, stderr } = await launch(await dataFolder(t), env, options).exited;
    assert.deepEqual([code, stdout], [1, '']);
    assert.match(stderr, told);
  }
});
