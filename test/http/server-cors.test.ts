import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, describe, it } from 'node:test';
import type { Answer } from '../support/http-client.ts';
import { openCloud, startServer } from '../support/service.ts';

const { env } = await openCloud({ after }, { labels: false });
const ours = ['https://postagram.example', 'http://localhost:5173'];
const { call } = await startServer({ after }, { ...env, CORS_ORIGINS: ours.join(' , ') });

const answersTo = async (headers: Record<string, string>): Promise<Answer[]> => [
  await call('GET', '/posts', { headers }),
  await call('GET', `/posts/${randomUUID()}`, { headers }),
  await call('POST', '/posts', { headers, body: Buffer.from('{') }),
  await call('DELETE', '/posts', { headers }),
  await call('OPTIONS', '/posts', { headers: { ...headers, 'access-control-request-method': 'POST' } }),
];
const allowed = ({ headers }: Answer) => headers.get('access-control-allow-origin');
const varies = ({ headers }: Answer) => /\borigin\b/i.test(headers.get('vary') ?? '');

describe('with a list of origins in CORS_ORIGINS', () => {
  for (const origin of ours) {
    it(`a page of ${origin} may read every answer`, async () => {
      for (const answer of await answersTo({ origin })) {
        assert.equal(allowed(answer), origin);
        assert.ok(varies(answer), 'a cache keeps the answers of two origins apart');
        assert.match(answer.headers.get('access-control-expose-headers') ?? '', /Link/);
      }
    });
  }

  const others = [
    'https://evil.example',
    'http://postagram.example',
    'https://postagram.example.evil.example',
    'https://postagram.example:8443',
    'null',
  ];
  for (const origin of others) {
    it(`a page of ${origin} may read none`, async () => {
      for (const answer of await answersTo({ origin })) {
        assert.equal(allowed(answer), null);
        assert.ok(varies(answer));
      }
    });
  }

  it('whoever is no page is answered as ever', async () => {
    for (const answer of await answersTo({})) {
      assert.equal(allowed(answer), null);
      assert.ok(varies(answer));
    }
    assert.equal((await call('GET', '/posts')).status, 200);
  });
});
