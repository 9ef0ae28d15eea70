/** The log of `npm start` where a person reads it, and where a program does. */
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { before, describe, it, type TestContext } from 'node:test';
import { spawnPostagram } from '../../../local/child.ts';
import { readable } from '../../../local/terminal-log.ts';
import { eventually } from '../../support/eventually.ts';
import { ensureWebapp } from '../../../webapp/build.ts';

// On what is taken for a terminal here it could not be built.
before(ensureWebapp);

const plain = (_: unknown, text: string) => text;
const coloured = (style: unknown, text: string) => `<${String(style)}>${text}</>`;
const TIME = /^\d\d:\d\d:\d\d /;
const line = (fields: object) => readable(`${JSON.stringify(fields)}\n`, plain);

describe('a line of the log', () => {
  const rows: [what: string, fields: object, told: string][] = [
    [
      'a request',
      { level: 30, time: 1, id: 'a', method: 'GET', route: '/posts', status: 200, ms: 1.5 },
      'GET /posts 200 1.5 ms\n',
    ],
    [
      'a file',
      { level: 30, time: 1, id: 'a', method: 'GET', status: 404, ms: 2, path: '/a.png' },
      'GET /a.png 404 2 ms\n',
    ],
    [
      'a request that failed, with the id that its cause has',
      { level: 50, time: 1, id: 'a', method: 'GET', route: '/posts', status: 500, ms: 2, error: 'E' },
      'GET /posts 500 2 ms id=a error=E\n',
    ],
    [
      'an error, its cause and where it came from',
      {
        level: 50,
        time: 1,
        id: 'a',
        err: {
          name: 'A',
          message: 'b',
          stack: 'A: b\n    at f (x.ts:1:2)',
          cause: { name: 'C', message: 'd' },
        },
      },
      'id=a A: b, because C: d\n    at f (x.ts:1:2)\n',
    ],
    [
      'what the labeler says',
      { post: 'p', labels: ['Cat'], msg: 'labelled' },
      'labelled post=p labels=["Cat"]\n',
    ],
    ['nothing that a terminal obeys', { msg: 'a\u001B[2J\u009Bb\nc' }, 'a [2J b c\n'],
  ];
  for (const [what, fields, told] of rows)
    it(`tells ${what}`, () => {
      const text = line(fields);
      assert.match(text, TIME);
      assert.equal(text.replace(TIME, ''), told);
    });

  it('is left as it is when it is none of the log', () => {
    const text = '\nPostagram is at http://localhost:8080\n\n{ not JSON\n{"cut":';
    assert.equal(readable(text, plain), text);
  });

  it('is red for what failed at our end', () => {
    const fields = { level: 50, time: 1, method: 'GET', route: '/posts', status: 500, ms: 1, error: 'E' };
    assert.match(readable(`${JSON.stringify(fields)}\n`, coloured), /<red>GET/);
  });
});

/** What makes a process take its standard output for a terminal of 16 colours, with Node's own rules for colours. */
const TERMINAL = `
  import { WriteStream } from 'node:tty';
  const { hasColors, getColorDepth } = WriteStream.prototype;
  Object.assign(process.stdout, { isTTY: true, hasColors, getColorDepth });
  process.env.TERM = 'linux';
  for (const name of ['FORCE_COLOR', 'NODE_DISABLE_COLORS', 'CI']) delete process.env[name];
  if (process.env.NO_COLOR === '') delete process.env.NO_COLOR;`;
const onTerminal = { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(TERMINAL)}` };

/** What `npm start` has printed once a request for a file was answered, and logged. */
async function outputOf(t: TestContext, env: Record<string, string>) {
  const folder = await mkdtemp(join(tmpdir(), 'postagram-test-'));
  const child = await spawnPostagram(join(folder, 'data'), env);
  t.after(async () => {
    child.process.kill('SIGKILL');
    await child.exited;
    await rm(folder, { recursive: true, force: true });
  });
  const answer = await fetch(child.url);
  assert.equal(answer.status, 200);
  await answer.arrayBuffer();
  await eventually(() => assert.match(child.output(), /index\.html.*\n/));
  return child.output();
}

const limit = { timeout: 300_000 };
const ESCAPE = '\u001B[';

it('is readable on a terminal, and nothing stands before the welcome', limit, async (t) => {
  const output = await outputOf(t, { ...onTerminal, NO_COLOR: '1' });
  assert.match(output, /^\nPostagram is at /);
  assert.match(output, /^\d\d:\d\d:\d\d GET \/index\.html 200 [\d.]+ ms$/m);
  assert.doesNotMatch(output, /^\{/m);
  assert.ok(!output.includes(ESCAPE), 'no colours with NO_COLOR');
});

it('has colours there without NO_COLOR', limit, async (t) => {
  const output = await outputOf(t, { ...onTerminal, NO_COLOR: '' });
  assert.ok(output.includes(ESCAPE));
  assert.doesNotMatch(output, /^\{/m);
});

it('is JSON anywhere else', limit, async (t) => {
  const output = await outputOf(t, {});
  // The welcome may come before or after the first of them.
  const lines = output.split('\n').filter((one) => one.startsWith('{'));
  const told = lines.map((one) => JSON.parse(one));
  assert.ok(told.some(({ level, msg }) => level === 30 && msg === 'listening'));
  const { level, method, path, status } = told.find((one) => one.method === 'GET');
  assert.deepEqual([level, method, path, status], [30, 'GET', '/index.html', 200]);
});
