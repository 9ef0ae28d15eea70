import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { RekognitionClient } from '@aws-sdk/client-rekognition';
import { S3Client } from '@aws-sdk/client-s3';
import { labelerConfig } from './src/runtime/config.ts';
import { createRenderer } from './src/renditions/render.ts';
import { createRenditionStore } from './src/renditions/rendition-store.ts';
import { detectLabels } from './src/aws/detect-labels.ts';
import { createLabeler } from './src/labels/label-photos.ts';
import { draw } from './src/labels/look.ts';
import { createOutcomeStore } from './src/labels/outcome-store.ts';
import { createImageStore } from './src/aws/image-store.ts';

const { BUCKET, RENDITIONS_BUCKET, DYNAMO_TABLE, AWS_REGION: region } = labelerConfig();
const rekognition = new RekognitionClient({ region });
const s3 = new S3Client({ region });
const images = createImageStore(s3, BUCKET);
const render = createRenderer();

/** The Lambda: an S3 event → labels and renditions → the posts table. Throws when Lambda has to try again. */
export const handler = createLabeler({
  detect: (photo) => detectLabels({ rekognition, images }, photo),
  draw: (photo) => draw({ render, images }, photo),
  renditions: createRenditionStore(s3, RENDITIONS_BUCKET),
  outcomes: createOutcomeStore(new DynamoDBClient({ region }), DYNAMO_TABLE),
  images,
  // CloudWatch Logs reads JSON lines.
  log: (fields) => console.log(JSON.stringify(fields)),
});
