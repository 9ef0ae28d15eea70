/**
 * A process of its own, for what it takes: the local cloud, and ten DetectLabels at once of the photo whose path it is given.
 * Prints one line of JSON: `labels` of each, `idle` and `peak` MiB of resident memory.
 */
import { readFile } from 'node:fs/promises';
import { DetectLabelsCommand, RekognitionClient } from '@aws-sdk/client-rekognition';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { startCloud } from '../../local/cloud.ts';

const COUNT = 10;

const cloud = await startCloud({ log: () => undefined });
Object.assign(process.env, cloud.env);
const s3 = new S3Client({ forcePathStyle: true });
const rekognition = new RekognitionClient({});

const { BUCKET: Bucket = '' } = cloud.env;
const Body = await readFile(process.argv[2] ?? '');
const keys = Array.from({ length: COUNT }, (_, i) => `ada/post/${i}.jpg`);
for (const Key of keys) await s3.send(new PutObjectCommand({ Bucket, Key, Body }));
// The network is loaded, and has seen a photo of ordinary size.
await rekognition.send(
  new DetectLabelsCommand({ Image: { Bytes: await readFile('test/photos/chelsea.jpg') } }),
);
const idle = peak();

const answers = await Promise.all(
  keys.map((Name) =>
    rekognition.send(new DetectLabelsCommand({ Image: { S3Object: { Bucket, Name } }, MinConfidence: 75 })),
  ),
);
const labels = answers.map(({ Labels = [] }) => Labels.map(({ Name }) => Name));
console.log(JSON.stringify({ labels, idle, peak: peak() }));
s3.destroy();
rekognition.destroy();
await cloud.close();

/** The most that this process ever had, MiB; Node gives KiB. */
function peak(): number {
  return Math.round(process.resourceUsage().maxRSS / 1024);
}
