import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { s3Options } from '../../src/aws/clients.ts';
import { createPresigner, PUT_EXPIRES } from '../../src/aws/presign.ts';

type Credentials = { accessKeyId: string; secretAccessKey: string; sessionToken?: string; expiration?: Date };

const TEMPORARY: Credentials = {
  accessKeyId: 'ASIAEXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCY',
  sessionToken: 'FwoG+/token==',
};
const NOON = Date.UTC(2026, 5, 15, 12, 0, 0);
const MINUTE = 60_000;

function clientOf(credentials: Credentials | (() => Promise<Credentials>)) {
  // As the server makes it, but for where the credentials come from.
  return new S3Client({ ...s3Options('eu-west-3'), credentials });
}

const secondsOf = (url: string) => {
  const { searchParams } = new URL(url);
  const [, year, month, day, hour, minute, second] =
    /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(searchParams.get('X-Amz-Date') ?? '') ?? [];
  const signed = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  return { signed, dies: signed + Number(searchParams.get('X-Amz-Expires')) * 1000 };
};

const signatureOf = (url: string) => new URL(url).searchParams.get('X-Amz-Signature');

/** A presigner with a clock that the test moves. */
function clocked(credentials: Parameters<typeof clientOf>[0] = TEMPORARY) {
  const clock = { now: NOON };
  const presigner = createPresigner(clientOf(credentials), 'images', () => clock.now);
  return { clock, presigner };
}

describe('over time', () => {
  it('a photo keeps its URL for a while, so that browsers keep the photo', async () => {
    const { clock, presigner } = clocked();
    const urls = new Set<string>();
    for (let minute = 0; minute < 60; minute++) {
      clock.now = NOON + minute * MINUTE;
      urls.add((await presigner()).get('a/b/c'));
    }
    assert.ok(urls.size <= 4, `${urls.size} URLs in an hour`);
  });

  it('every URL lives long enough when it is handed out, and is never dated ahead', async () => {
    const { clock, presigner } = clocked();
    for (let second = 0; second < 3 * 3600; second += 7) {
      clock.now = NOON + second * 1000;
      const { signed, dies } = secondsOf((await presigner()).get('a/b/c'));
      assert.ok(signed <= clock.now);
      assert.ok(dies - clock.now >= 30 * MINUTE);
      // The longest life that S3 allows is a week; a leaked URL should die the same day.
      assert.ok(dies - signed <= 24 * 60 * MINUTE);
    }
  });

  it('an upload has its whole time from now', async () => {
    const { clock, presigner } = clocked();
    for (const seconds of [0, 1, 899, 900, 86_400]) {
      clock.now = NOON + seconds * 1000;
      const { signed, dies } = secondsOf((await presigner()).put('a/b/c', { 'content-type': 'image/png' }));
      assert.equal(signed, clock.now);
      assert.equal(dies, clock.now + PUT_EXPIRES * 1000);
    }
  });

  it('a new day has a new signing key', async () => {
    const { clock, presigner } = clocked();
    const client = clientOf(TEMPORARY);
    const midnight = Date.UTC(2027, 0, 1);
    for (const now of [midnight - 1000, midnight, midnight + 20 * MINUTE, midnight - 1000]) {
      clock.now = now;
      const signer = await presigner();
      const put = new PutObjectCommand({ Bucket: 'images', Key: 'k', ContentType: 'image/png' });
      const options = { signingDate: new Date(now), signableHeaders: new Set(['content-type']) };
      assert.equal(
        signatureOf(signer.put('k', { 'content-type': 'image/png' })),
        signatureOf(await getSignedUrl(client, put, { ...options, expiresIn: PUT_EXPIRES })),
      );
      const { signed, dies } = secondsOf(signer.get('k'));
      const theirs = await getSignedUrl(client, new GetObjectCommand({ Bucket: 'images', Key: 'k' }), {
        signingDate: new Date(signed),
        expiresIn: (dies - signed) / 1000,
      });
      assert.equal(signatureOf(signer.get('k')), signatureOf(theirs));
    }
  });

  it('refreshed credentials sign at once, and the URLs of the old ones are not handed out any more', async () => {
    let generation = 0;
    // Within five minutes of their end, the SDK asks for new ones.
    const { presigner } = clocked(async () => {
      generation += 1;
      return {
        ...TEMPORARY,
        accessKeyId: `ASIA${generation}`,
        sessionToken: `token ${generation}`,
        expiration: new Date(Date.now() + MINUTE),
      };
    });
    const tokens: (string | null)[] = [];
    const urls = new Set<string>();
    for (let i = 0; i < 3; i++) {
      const url = (await presigner()).get('a/b/c');
      urls.add(url);
      tokens.push(new URL(url).searchParams.get('X-Amz-Security-Token'));
    }
    assert.equal(urls.size, 3);
    assert.deepEqual(tokens, [...new Set(tokens)].toSorted());
  });

  it('credentials that last are asked for once', async () => {
    let asked = 0;
    const { presigner } = clocked(async () => {
      asked += 1;
      return { ...TEMPORARY, expiration: new Date(Date.now() + 6 * 60 * MINUTE) };
    });
    const first = await presigner();
    for (let i = 0; i < 5; i++) assert.equal(await presigner(), first);
    assert.equal(asked, 1);
  });

  it('credentials that cannot be had are an error, not a bad signature, and may come later', async () => {
    let there = false;
    const { presigner } = clocked(async () => {
      if (!there) throw new Error('no role');
      return TEMPORARY;
    });
    await assert.rejects(presigner(), /no role/);
    there = true;
    assert.match((await presigner()).get('k'), /ASIAEXAMPLE/);
  });
});

it('ten thousand photos and more keep right URLs', async () => {
  const client = clientOf(TEMPORARY);
  const signer = await createPresigner(client, 'images', () => NOON)();
  const first = signer.get('photo 0');
  const all = new Set(Array.from({ length: 25_000 }, (_, i) => signer.get(`photo ${i}`)));
  assert.equal(all.size, 25_000);
  assert.equal(signer.get('photo 0'), first);
});
