import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { RekognitionClient } from '@aws-sdk/client-rekognition';
import { S3Client } from '@aws-sdk/client-s3';
import { labelerConfig } from './src/runtime/config.ts';
import { detectLabels } from './src/aws/detect-labels.ts';
import { createLabeler } from './src/labels/label-photos.ts';
import { createOutcomeStore } from './src/labels/outcome-store.ts';
import { createImageStore } from './src/aws/image-store.ts';

const { BUCKET, DYNAMO_TABLE, AWS_REGION: region } = labelerConfig();
const rekognition = new RekognitionClient({ region });
const images = createImageStore(new S3Client({ region }), BUCKET);

/** The Lambda: an S3 event → labels → the posts table. Throws when Lambda has to try again. */
export const handler = createLabeler({
  detect: (photo) => detectLabels({ rekognition, images }, photo),
  outcomes: createOutcomeStore(new DynamoDBClient({ region }), DYNAMO_TABLE),
  images,
  // CloudWatch Logs reads JSON lines.
  log: (fields) => console.log(JSON.stringify(fields)),
});
