import assert from 'node:assert/strict';
import { after, it } from 'node:test';
import { startIssuer } from '../../../test/support/issuer.ts';
import { openServiceWays } from '../../../test/support/service-ways.ts';
import { problemIn } from '../../../test/support/shapes.ts';

const issuer = await startIssuer({ after });
const env = { ...issuer.environment, JWT_NAME_CLAIM: 'email' };
const { ways } = await openServiceWays({ after }, 'tweets', { env });

for (const { way, call } of ways) {
  const ada = `ada+${way.replaceAll(/\W/g, '')}@example.com`;
  const tokenOf = (email: string) => `Bearer ${issuer.token({ email })}`;
  const tweet = {
    userId: ada,
    id: 'one',
    tweetInfo: { userName: 'ada', createdAt: '2024-01-01T00:00:00Z' },
    tweetContent: { message: 'hello' },
    tweetUserAction: { good: 0, comments: [] },
  };
  const writes: [path: string, body: object][] = [
    ['/api/create_tweet/', tweet],
    ['/api/upload_url/', { userId: ada, tweetId: 'one' }],
    ['/api/delete_tweet/', { userId: ada, id: 'one' }],
  ];

  it(`over ${way}, whoever writes is who it says it is, and everybody reads`, async () => {
    for (const [path, body] of writes) {
      problemIn(await call('POST', path, { body }), 401);
      problemIn(await call('POST', path, { body, user: ada }), 401);
      assert.match(
        problemIn(await call('POST', path, { body, user: tokenOf('eve@example.com') }), 403),
        /^userId/,
      );
      const headers = { Authorization: `${tokenOf('eve@example.com')}, ${tokenOf(ada)}` };
      problemIn(await call('POST', path, { body, headers }), 401);
      assert.equal((await call('POST', path, { body, user: tokenOf(ada) })).status, 200, path);
    }
    const { json } = await call('POST', '/api/fetch_tweet/', { body: { userIds: [ada] } });
    assert.deepEqual(json, { tweets: [] });
  });
}
