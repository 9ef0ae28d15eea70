/** A service that takes tokens, attacked over each way to run it: nothing but a good token writes, and nothing is a 500. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { request } from 'node:http';
import { after, describe, it } from 'node:test';
import { attacksOn } from '../../../test/identity/attacks.ts';
import { startIssuer } from '../../../test/support/issuer.ts';
import { openServiceWays } from '../../../test/support/service-ways.ts';

const issuer = await startIssuer({ after });
const other = await startIssuer({ after });
const { ways } = await openServiceWays({ after }, 'tweets', { env: issuer.environment });
const image = JSON.stringify({ userId: 'ann', tweetId: 'one' });

/** Status of a request for an address to upload to, with so many `Authorization` lines. */
async function statusOf(url: string, authorization: string[]): Promise<number> {
  const asking = request(`${url}/api/upload_url`, { method: 'POST', agent: false });
  asking.setHeader('content-type', 'application/json');
  if (authorization.length > 0) asking.setHeader('Authorization', authorization);
  asking.end(image);
  const [response] = await once(asking, 'response');
  response.resume();
  return response.statusCode;
}

const good = () => `Bearer ${issuer.token()}`;

/** More than one line, however good each is. */
const twice: Record<string, () => string[]> = {
  'two good tokens': () => [good(), good()],
  'a good token and a plain name': () => [good(), 'ann'],
  'a plain name and a good token': () => ['ann', good()],
  'a good token and one of another issuer': () => [good(), `Bearer ${other.token()}`],
  'a good token and an empty line': () => [good(), ''],
  'three good tokens': () => [good(), good(), good()],
};

for (const { way, url } of ways)
  describe(`over ${way}`, () => {
    it('a good token is taken', async () => {
      assert.equal(await statusOf(url, [good()]), 200);
    });

    for (const [what, lines] of Object.entries(twice))
      it(`401 for ${what}`, async () => {
        assert.equal(await statusOf(url, lines()), 401);
      });

    for (const [what, attack] of Object.entries(attacksOn(issuer, other)))
      it(`401 for ${what}`, async () => {
        const value = attack();
        assert.equal(await statusOf(url, value === undefined ? [] : [value]), 401);
      });
  });
