import assert from 'node:assert/strict';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { brotliDecompressSync, gunzipSync, gzipSync } from 'node:zlib';
import { ensureWebapp } from '../../webapp/build.ts';

test('the web app is built when its sources have changed, and not again', async () => {
  const dist = await ensureWebapp();
  const { ino, mtimeMs } = await stat(dist);
  const { ino: later, mtimeMs: laterMs } = await stat(await ensureWebapp());
  assert.deepEqual([later, laterMs], [ino, mtimeMs]);
});

test('the built page names files that are there, 150 KB of JavaScript gzipped at most', async () => {
  const dist = await ensureWebapp();
  const page = await readFile(join(dist, 'index.html'), 'utf8');
  const named = [...page.matchAll(/(?:src|href)="\/([^"]+)"/g)].map(([, path = '']) => path);
  assert.ok(named.length >= 4, page);
  for (const path of named) assert.ok((await stat(join(dist, path))).isFile(), path);
  let script = 0;
  for (const path of await readdir(dist, { recursive: true })) {
    if (path.endsWith('.js')) script += gzipSync(await readFile(join(dist, path))).length;
  }
  assert.ok(script > 0 && script < 150_000, `${script} bytes`);
});

test('each text lies beside its compressed forms, which hold the same', async () => {
  const dist = await ensureWebapp();
  const texts = (await readdir(dist, { recursive: true })).filter((path) =>
    /\.(html|js|css|svg|txt)$/.test(path),
  );
  assert.ok(texts.length >= 4);
  for (const path of texts) {
    const plain = await readFile(join(dist, path));
    assert.ok(brotliDecompressSync(await readFile(join(dist, `${path}.br`))).equals(plain), path);
    assert.ok(gunzipSync(await readFile(join(dist, `${path}.gz`))).equals(plain), path);
  }
});
