import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { crc32 } from 'node:zlib';
import {
  DetectLabelsCommand,
  type DetectLabelsCommandInput,
  RekognitionClient,
  type RekognitionClientConfig,
} from '@aws-sdk/client-rekognition';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import sharp from 'sharp';
import { startLabels } from '../../local/labels/labels.ts';
import { startS3 } from '../../local/s3/s3.ts';
import { localDefaults } from '../../local/settings.ts';

const { bucket: Bucket, region, credentials } = localDefaults;
const photo = (name: string) => readFile(new URL(`../photos/${name}.jpg`, import.meta.url));

// One network for the whole file: loading it is what takes time.
let folder: string;
let images: Awaited<ReturnType<typeof startS3>>;
let labels: Awaited<ReturnType<typeof startLabels>>;
let s3: S3Client;
const log: string[] = [];
/** For tests that would wait for ever where they should fail. */
const limit = { timeout: 120_000 };

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'postagram-test-'));
  images = await startS3({ ...localDefaults, dataDir: folder, log: () => undefined });
  labels = await startLabels({ region, credentials, s3Endpoint: images.url, log: (line) => log.push(line) });
  s3 = new S3Client({ endpoint: images.url, region, credentials });
});

after(async () => {
  s3.destroy();
  await labels.close();
  await images.close();
  await rm(folder, { recursive: true });
});

async function detect(
  Image: DetectLabelsCommandInput['Image'],
  options: Partial<DetectLabelsCommandInput> = {},
  config: RekognitionClientConfig = {},
) {
  const client = new RekognitionClient({
    endpoint: labels.url,
    region,
    credentials,
    maxAttempts: 1,
    ...config,
  });
  try {
    return await client.send(new DetectLabelsCommand({ Image, ...options }));
  } finally {
    client.destroy();
  }
}

async function store(Name: string, Body: Uint8Array) {
  await s3.send(new PutObjectCommand({ Bucket, Key: Name, Body }));
  return { S3Object: { Bucket, Name } };
}

const names = (answer: Awaited<ReturnType<typeof detect>>) => answer.Labels?.map(({ Name }) => Name);

const rows: [name: string, minConfidence: number | undefined, labels: string[]][] = [
  ['chelsea', 75, ['Animal', 'Cat', 'Mammal', 'Pet']],
  ['coffee', 75, ['Cup', 'Tableware']],
  ['coffee', undefined, ['Cup', 'Tableware']],
];
for (const [name, MinConfidence, expected] of rows)
  test(`${name}.jpg at ${MinConfidence ?? 'the default'} %: ${expected.join(', ')}`, async () => {
    const image = await store(`Rémi Ł/1/${name} +#.jpg`, await photo(name));
    const answer = await detect(image, { MinConfidence, MaxLabels: 5 });
    for (const label of expected) assert.ok(names(answer)?.includes(label), `${names(answer)}`);
    assert.ok((answer.Labels?.length ?? 0) <= 5);
    for (const { Confidence = 0, Instances = [] } of answer.Labels ?? []) {
      assert.ok(Confidence >= (MinConfidence ?? 55) && Confidence <= 100);
      if (Instances.length === 0) continue;
      const { Left = -1, Top = -1, Width = 0, Height = 0 } = Instances[0]?.BoundingBox ?? {};
      assert.ok(Left >= 0 && Top >= 0 && Width > 0 && Left + Width <= 1.001 && Top + Height <= 1.001);
    }
  });

test('labels are distinct, the surest first, at most as many as asked for', async () => {
  // The same cat twice: two things, one label.
  const cat = await sharp(await photo('chelsea'))
    .resize(300, 200)
    .toBuffer();
  const canvas = sharp({ create: { width: 300, height: 420, channels: 3, background: 'white' } });
  const cats = canvas.composite([
    { input: cat, top: 0, left: 0 },
    { input: cat, top: 220, left: 0 },
  ]);
  const Image = { Bytes: await cats.jpeg().toBuffer() };
  const { Labels = [] } = await detect(Image, { MinConfidence: 40 });
  assert.ok((Labels.find(({ Name }) => Name === 'Cat')?.Instances?.length ?? 0) >= 2);
  assert.equal(new Set(Labels.map(({ Name }) => Name)).size, Labels.length);
  const confidences = Labels.map(({ Confidence = 0 }) => Confidence);
  assert.deepEqual(
    confidences,
    confidences.toSorted((a, b) => b - a),
  );
  assert.equal((await detect({ Bytes: await photo('coffee') }, { MaxLabels: 1 })).Labels?.length, 1);
});

test('what is above a label is a label, at least as sure, and named as its parent', async () => {
  const { Labels = [] } = await detect({ Bytes: await photo('chelsea') });
  const label = (wanted: string) => Labels.find(({ Name }) => Name === wanted);
  const cat = label('Cat');
  assert.deepEqual(cat?.Parents?.map(({ Name }) => Name).toSorted(), ['Animal', 'Mammal', 'Pet']);
  assert.ok((cat.Instances?.length ?? 0) > 0);
  for (const { Confidence = 0, Parents = [] } of Labels)
    for (const { Name = '' } of Parents) assert.ok((label(Name)?.Confidence ?? 0) >= Confidence, Name);
  // Only the network that knows where things are says where they are.
  assert.deepEqual(label('Animal')?.Instances, []);
});

test('a photo is turned upright by its EXIF data first', async () => {
  const turned = await sharp(await photo('chelsea'))
    .rotate(90)
    .withMetadata({ orientation: 8 })
    .jpeg()
    .toBuffer();
  const upright = await detect({ Bytes: await photo('chelsea') });
  const answer = await detect({ Bytes: turned });
  const shape = ({ Labels }: typeof answer) =>
    Labels?.find(({ Name }) => Name === 'Cat')?.Instances?.[0]?.BoundingBox;
  assert.ok(names(answer)?.includes('Cat'));
  assert.ok((shape(answer)?.Height ?? 0) > 0);
  assert.ok(Math.abs((shape(answer)?.Height ?? 0) - (shape(upright)?.Height ?? 0)) < 0.05);
});

test('PNG is read, transparent or grey too', async () => {
  const cat = sharp(await photo('chelsea'));
  const transparent = await cat.clone().ensureAlpha().png().toBuffer();
  assert.ok(names(await detect({ Bytes: transparent }))?.includes('Cat'));
  const grey = await cat.clone().greyscale().png().toBuffer();
  assert.ok(names(await detect({ Bytes: grey }, { MinConfidence: 20 }))?.includes('Cat'));
});

/** A PNG whose header says that it is `side` pixels wide and high; `interlaced` also that it has 16 bits a colour. */
function claimPixels(png: Buffer, side: number, interlaced = false): Buffer {
  const [IHDR, END] = [12, 29];
  const changed = Buffer.from(png);
  changed.writeUInt32BE(side, IHDR + 4);
  changed.writeUInt32BE(side, IHDR + 8);
  // Bits, red green blue and alpha, compression, filter, interlace.
  if (interlaced) changed.set([16, 6, 0, 0, 1], IHDR + 12);
  changed.writeUInt32BE(crc32(changed.subarray(IHDR, END)), END);
  return changed;
}

test('what Rekognition refuses for good has its name', async () => {
  const cat = await photo('chelsea');
  const svg = Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"></svg>');
  const small = await sharp(cat).resize(60).png().toBuffer();
  const refusals: [string, DetectLabelsCommandInput['Image']][] = [
    ['InvalidImageFormatException', { Bytes: Buffer.from('no photo') }],
    ['InvalidImageFormatException', { Bytes: svg }],
    ['InvalidImageFormatException', { Bytes: await sharp(cat).gif().toBuffer() }],
    ['InvalidImageFormatException', { Bytes: cat.subarray(0, 200) }],
    ['InvalidImageFormatException', await store('empty', Buffer.alloc(0))],
    ['ImageTooLargeException', { Bytes: claimPixels(small, 15_000) }],
    // 800 MB decoded whole.
    ['ImageTooLargeException', { Bytes: claimPixels(small, 10_000, true) }],
    ['ImageTooLargeException', { Bytes: Buffer.concat([cat, Buffer.alloc(5 * 1024 * 1024)]) }],
    ['ImageTooLargeException', await store('large', Buffer.concat([cat, Buffer.alloc(15 * 1024 * 1024)]))],
    ['InvalidS3ObjectException', { S3Object: { Bucket, Name: 'missing.jpg' } }],
    ['InvalidS3ObjectException', { S3Object: { Bucket: 'other-bucket', Name: 'missing.jpg' } }],
    ['InvalidParameterException', {}],
  ];
  for (const [name, Image] of refusals) await assert.rejects(detect(Image), { name });
  await assert.rejects(detect({ Bytes: cat }, { MinConfidence: 101 }), { name: 'InvalidParameterException' });
});

test('only signed requests are answered', async () => {
  const Image = { Bytes: await photo('chelsea') };
  const forger = { credentials: { ...credentials, secretAccessKey: 'guessed' } };
  await assert.rejects(detect(Image, {}, forger), { name: 'InvalidSignatureException' });
  const stranger = { credentials: { ...credentials, accessKeyId: 'AKIASOMEBODYELSE' } };
  await assert.rejects(detect(Image, {}, stranger), { name: 'UnrecognizedClientException' });
  const status = await new Promise((resolve, reject) => {
    request(labels.url, { method: 'POST', agent: false }, (response) => {
      response.resume();
      resolve(response.statusCode);
    })
      .on('error', reject)
      .end('{}');
  });
  assert.equal(status, 400);
});

test(
  'when the network dies over a photo the answer is a 500, and the next photo is labelled',
  limit,
  async () => {
    const Image = { Bytes: await photo('chelsea') };
    const refused = assert.rejects(detect(Image), { name: 'InternalServerError' });
    while (labels.waiting() === 0) await new Promise(setImmediate);
    await labels.killWorker();
    await refused;
    assert.match(log.at(-1) ?? '', /failed/);
    assert.ok(names(await detect(Image))?.includes('Cat'));
  },
);

test('a crowd is served one by one, and beyond that sent away to come back', limit, async () => {
  const Image = {
    Bytes: await sharp(await photo('chelsea'))
      .resize(200)
      .jpeg()
      .toBuffer(),
  };
  const crowd: Promise<unknown>[] = [];
  const sentAway: unknown[] = [];
  // They come quicker than they are served, so sooner or later there are too many.
  while (sentAway.length === 0) {
    const served = detect(Image);
    crowd.push(served);
    served.catch((error: unknown) => sentAway.push(error));
    await new Promise(setImmediate);
  }
  const served = (await Promise.allSettled(crowd)).filter(({ status }) => status === 'fulfilled');
  assert.ok(served.length >= 32, `${served.length} served`);
  assert.equal(served.length + sentAway.length, crowd.length);
  for (const error of sentAway) {
    assert.ok(error instanceof Error && error.name === 'ProvisionedThroughputExceededException', `${error}`);
  }
});
