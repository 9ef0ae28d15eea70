import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { s3Options } from '../../src/aws/clients.ts';
import { createPresigner, PUT_EXPIRES } from '../../src/aws/presign.ts';

type Credentials = { accessKeyId: string; secretAccessKey: string; sessionToken?: string };

const PERMANENT: Credentials = {
  accessKeyId: 'AKIDEXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCY',
};
const TEMPORARY: Credentials = {
  ...PERMANENT,
  accessKeyId: 'ASIAEXAMPLE',
  sessionToken: 'FwoG+/token==&%é x',
};

const places = {
  'AWS, virtual-hosted': { region: 'eu-west-3', bucket: 'postagram-images' },
  'AWS us-east-1': { region: 'us-east-1', bucket: 'postagram-images' },
  'AWS China': { region: 'cn-north-1', bucket: 'postagram-images' },
  'AWS, a bucket with dots': { region: 'eu-west-1', bucket: 'my.images' },
  'an IP host': { region: 'eu-west-1', bucket: 'local', endpoint: 'http://127.0.0.1:4566' },
  'a host name': { region: 'eu-west-1', bucket: 'local', endpoint: 'http://localhost:4566' },
  'an endpoint with a path': { region: 'eu-west-1', bucket: 'local', endpoint: 'https://10.0.0.1/s3' },
};

const KEYS = [
  'Ann/0190f0f0-0000-7000-8000-000000000000/cat.jpg',
  'Zoë Müller/x/a b+c#é.jpg',
  '日本語/🐈‍⬛/.jpg',
  "a!b'c(d)e*f~g-h_i.j/k",
  '100%/%2F/%zz?x=y&z=1',
  'a//b/./c/../d',
  '…/"<>\\^`{|}[]:;@$,=',
];

const NOON = Date.UTC(2026, 5, 15, 12, 0, 0);

function clientOf(
  { region, endpoint }: { region: string; endpoint?: string },
  credentials: Credentials | (() => Promise<Credentials & { expiration?: Date }>),
) {
  // As the server makes it, but for where the credentials come from.
  return new S3Client({ ...s3Options(region), credentials, ...(endpoint !== undefined && { endpoint }) });
}

const secondsOf = (url: string) => {
  const { searchParams } = new URL(url);
  const [, year, month, day, hour, minute, second] =
    /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(searchParams.get('X-Amz-Date') ?? '') ?? [];
  const signed = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  return { signed, dies: signed + Number(searchParams.get('X-Amz-Expires')) * 1000 };
};

/** Raw parameters sorted: the SDK puts the signature where its name belongs, we put it last. */
function parts(url: string): string[] {
  const [place = '', query = ''] = url.split('?');
  return [place, ...query.split('&').toSorted()];
}

describe('our URLs have the place, the parameters and the signature that getSignedUrl gives:', () => {
  for (const [where, { bucket, ...place }] of Object.entries(places)) {
    for (const [whose, credentials] of Object.entries({ permanent: PERMANENT, temporary: TEMPORARY })) {
      it(`${where}, ${whose} credentials`, async () => {
        const client = clientOf(place, credentials);
        const signer = await createPresigner(client, bucket, () => NOON)();
        for (const Key of KEYS) {
          const ours = signer.get(Key);
          const { signed, dies } = secondsOf(ours);
          const theirs = await getSignedUrl(client, new GetObjectCommand({ Bucket: bucket, Key }), {
            signingDate: new Date(signed),
            expiresIn: (dies - signed) / 1000,
          });
          assert.deepEqual(parts(ours), parts(theirs));

          for (const [type, size] of [['image/jpeg'], ['image/png', 12_345]] as const) {
            const headers = { 'content-type': type, ...(size && { 'content-length': String(size) }) };
            const put = new PutObjectCommand({ Bucket: bucket, Key, ContentType: type, ContentLength: size });
            const its = await getSignedUrl(client, put, {
              signingDate: new Date(NOON),
              expiresIn: PUT_EXPIRES,
              signableHeaders: new Set(Object.keys(headers)),
            });
            assert.deepEqual(parts(signer.put(Key, headers)), parts(its));
          }
        }
        client.destroy();
      });
    }
  }
});

const hostOf = async (place: { region: string; endpoint?: string }) => {
  const signer = await createPresigner(clientOf(place, PERMANENT), 'images', () => NOON)();
  const { host, pathname } = new URL(signer.get('a/b/c'));
  return `${host}${pathname}`;
};

describe('where the bucket lives', () => {
  it('is in the host name on AWS, with its region', async () => {
    assert.equal(await hostOf({ region: 'eu-west-3' }), 'images.s3.eu-west-3.amazonaws.com/a/b/c');
  });

  it('is in the path on an IP host', async () => {
    const endpoint = 'http://127.0.0.1:4566';
    assert.equal(await hostOf({ region: 'eu-west-3', endpoint }), '127.0.0.1:4566/images/a/b/c');
  });
});
