import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, request } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { describe, it, type TestContext } from 'node:test';
import { brotliDecompressSync, createBrotliDecompress, createGunzip, gunzipSync } from 'node:zlib';
import { createRouter } from '../../router.ts';
import type { Routes } from '../../src/http/call.ts';
import { codingFor } from '../../src/http/content/accept-encoding.ts';
import { JsonText } from '../../src/http/content/json-text.ts';
import { gate } from '../support/fault-proxy.ts';

const unpack = { br: brotliDecompressSync, gzip: gunzipSync };
const CODINGS = ['br', 'gzip'] as const;

describe('Accept-Encoding', () => {
  const rows: [string | undefined, 'br' | 'gzip' | undefined][] = [
    [undefined, undefined],
    ['', undefined],
    ['identity', undefined],
    ['deflate, zstd', undefined],
    ['gzip', 'gzip'],
    ['br', 'br'],
    ['gzip, deflate, br, zstd', 'br'],
    ['GZIP', 'gzip'],
    ['gzip;q=0.5', 'gzip'],
    ['br;q=0.5, gzip', 'gzip'],
    ['br; q=0.8 , gzip; q=0.9', 'gzip'],
    ['br;q=0.900, gzip;q=0.9', 'br'],
    ['gzip;q=0', undefined],
    ['gzip;q=0.000, br;q=0', undefined],
    ['br;q=0, *', 'gzip'],
    ['*', 'br'],
    ['*;q=0', undefined],
    ['gzip, *;q=0', 'gzip'],
    ['gzip;q=0.001, identity;q=0', 'gzip'],
    ['identity, gzip;q=0.5', undefined],
    ['identity;q=0.5, gzip;q=0.5', 'gzip'],
    ['gzip;q=2', undefined],
    ['gzip;q=x', undefined],
    ['gzip;foo=1;q=0', undefined],
    [' , gzip , ,', 'gzip'],
  ];
  for (const [accepted, coding] of rows)
    it(`${JSON.stringify(accepted)} is answered ${coding ?? 'uncompressed'}`, () => {
      assert.equal(codingFor(accepted), coding);
    });
});

/** JSON of so many bytes, quotes included. */
const ofLength = (bytes: number) => 'x'.repeat(bytes - 2);

const LONG = randomBytes(40_000).toString('hex');
const LONGEST = Array.from({ length: 40 }, () => randomBytes(20_000).toString('hex'));

async function* pagesOf(...pages: unknown[][]) {
  yield* pages;
}

const routes: Routes = {
  'GET /small': () => ({ body: ofLength(1024) }),
  'GET /more': () => ({ body: ofLength(1025) }),
  'GET /long': () => ({ body: LONG }),
  'GET /longest': () => ({ body: LONGEST }),
  'GET /text': () => ({ body: new JsonText(JSON.stringify(LONG)) }),
  'GET /bytes': () => ({ headers: { 'content-type': 'text/plain' }, body: Buffer.alloc(5_000, 'x') }),
  'GET /pages': () => ({ body: pagesOf([ofLength(10), LONG], [], LONGEST) }),
  'GET /no-pages': () => ({ body: pagesOf() }),
  'GET /varies': () => ({ headers: { vary: 'Accept, origin' }, body: ofLength(2_000) }),
  'POST /more': () => ({ status: 201, body: ofLength(1025) }),
};

async function serve(t: TestContext, table = routes): Promise<number> {
  const server = createServer(createRouter(table, { cors: ['https://a.example'], log: () => undefined }));
  await once(server.listen(0, '127.0.0.1'), 'listening');
  t.after(() => {
    server.close();
    server.closeAllConnections();
  });
  // A server that listens on TCP has an AddressInfo.
  return (server.address() as AddressInfo).port;
}

type Answer = { status: number; headers: IncomingHttpHeaders; body: Buffer };

/** Plain node:http: fetch would unpack the body and hide its encoding. */
async function ask(port: number, path: string, accepted?: string, method = 'GET'): Promise<Answer> {
  const headers = accepted === undefined ? {} : { 'accept-encoding': accepted };
  const sent = request({ host: '127.0.0.1', port, path, method, headers, agent: false }).end();
  const [response] = await once(sent, 'response');
  return { status: response.statusCode, headers: response.headers, body: await buffer(response) };
}

const contents: [string, unknown][] = [
  ['/more', ofLength(1025)],
  ['/long', LONG],
  ['/longest', LONGEST],
  ['/text', LONG],
  ['/pages', [ofLength(10), LONG, ...LONGEST]],
  ['/varies', ofLength(2_000)],
];

describe('JSON of more than 1 KB', () => {
  for (const [path, content] of contents) {
    for (const coding of CODINGS) {
      it(`is compressed for who accepts ${coding}: ${path}`, async (t) => {
        const port = await serve(t);
        // What is made once is sent more often.
        for (let i = 0; i < 2; i++) {
          const { headers, body } = await ask(port, path, coding);
          assert.equal(headers['content-encoding'], coding);
          assert.equal(headers['content-type'], 'application/json; charset=utf-8');
          assert.deepEqual(JSON.parse(unpack[coding](body).toString()), content);
          assert.ok(body.length < JSON.stringify(content).length);
          const { 'content-length': length = String(body.length) } = headers;
          assert.equal(length, String(body.length));
        }
      });
    }

    it(`is plain for others, and says by what it varies: ${path}`, async (t) => {
      const port = await serve(t);
      const plain = await ask(port, path);
      assert.equal(plain.headers['content-encoding'], undefined);
      assert.deepEqual(JSON.parse(plain.body.toString()), content);
      for (const answer of [plain, await ask(port, path, 'gzip')]) {
        const names = answer.headers.vary?.split(', ') ?? [];
        assert.equal(names.filter((name) => name === 'Accept-Encoding').length, 1, answer.headers.vary);
        assert.equal(names.filter((name) => name === 'Origin').length, 1, 'beside what CORS varies by');
      }
    });

    it(`has no body for HEAD, and no coding: ${path}`, async (t) => {
      const port = await serve(t);
      const head = await ask(port, path, 'br, gzip', 'HEAD');
      assert.equal(head.headers['content-encoding'], undefined);
      assert.equal(head.body.length, 0);
      const { headers } = await ask(port, path);
      assert.equal(head.headers['content-length'], headers['content-length']);
    });
  }

  it('is compressed whatever the method and the status', async (t) => {
    const answer = await ask(await serve(t), '/more', 'gzip', 'POST');
    assert.deepEqual([answer.status, answer.headers['content-encoding']], [201, 'gzip']);
  });
});

it('what is small, or no JSON of ours, is sent as it is', async (t) => {
  const port = await serve(t);
  for (const path of ['/small', '/bytes', '/no-pages']) {
    const { headers, body } = await ask(port, path, 'br, gzip');
    assert.equal(headers['content-encoding'], undefined, path);
    assert.equal(headers['content-length'], String(body.length), path);
  }
});

async function* broken() {
  yield [LONG];
  throw new Error('the table is gone');
}

describe('a list', { timeout: 60_000 }, () => {
  for (const coding of CODINGS) {
    it(`in ${coding} shows each page before the next is made`, async (t) => {
      const gates = [gate(), gate()];
      async function* slowly() {
        yield [ofLength(100)];
        for (const [i, { opened }] of gates.entries()) {
          await opened;
          yield [`page ${i}`];
        }
      }
      const port = await serve(t, { 'GET /': () => ({ body: slowly() }) });
      const headers = { 'accept-encoding': coding };
      const [response] = await once(request({ host: '127.0.0.1', port, headers }).end(), 'response');
      const reader = response.pipe(coding === 'br' ? createBrotliDecompress() : createGunzip());
      let text = '';
      let seen = 0;
      for await (const piece of reader) {
        text += piece;
        // The next one is made only once this one was read.
        if (text.includes(seen === 0 ? ofLength(100) : `page ${seen - 1}`)) gates[seen++]?.open();
      }
      assert.deepEqual(JSON.parse(text), [ofLength(100), 'page 0', 'page 1']);
      assert.equal(seen, 3);
    });

    it(`in ${coding} that breaks never looks whole`, async (t) => {
      const port = await serve(t, { 'GET /': () => ({ body: broken() }) });
      const socket = connect(port, '127.0.0.1');
      socket.write(`GET / HTTP/1.1\r\nhost: x\r\naccept-encoding: ${coding}\r\n\r\n`);
      const raw = await buffer(socket);
      assert.match(raw.toString('latin1'), new RegExp(`content-encoding: ${coding}\r\n`));
      assert.ok(!raw.toString('latin1').endsWith('0\r\n\r\n'), 'no last chunk');
      const sent = chunksOf(raw);
      assert.ok(sent.length > 10_000);
      assert.throws(() => unpack[coding](sent), /unexpected end of file/);
    });
  }
});

/** The bytes in the chunks of an answer, as far as they came. */
function chunksOf(raw: Buffer): Buffer {
  const chunks: Buffer[] = [];
  let at = raw.indexOf('\r\n\r\n') + 4;
  for (let end = raw.indexOf('\r\n', at); end >= 0; end = raw.indexOf('\r\n', at)) {
    const length = Number.parseInt(raw.toString('latin1', at, end), 16);
    chunks.push(raw.subarray(end + 2, end + 2 + length));
    at = end + 2 + length + 2;
  }
  return Buffer.concat(chunks);
}
