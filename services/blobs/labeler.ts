import { RekognitionClient } from '@aws-sdk/client-rekognition';
import { createS3 } from '../../src/aws/clients.ts';
import { createDocuments } from '../../src/aws/documents.ts';
import { detectLabels } from '../../src/aws/detect-labels.ts';
import { createLog } from '../../src/runtime/request-log.ts';
import { labelerConfig } from './config.ts';
import { createBlobImages } from './images.ts';
import { createUploadLabeler } from './label-uploads.ts';
import { createOutcomeStore } from './outcome-store.ts';

const { AWS_REGION: region, BLOBS_BUCKET, BLOBS_TABLE, LOG_LEVEL } = labelerConfig();
const rekognition = new RekognitionClient({ region });
const images = createBlobImages(createS3(region), BLOBS_BUCKET);
const log = createLog(LOG_LEVEL);

/** The Lambda: an S3 event → labels → the blob. Throws when Lambda has to try again. */
export const handler = createUploadLabeler({
  detect: (image) => detectLabels({ rekognition, images }, image),
  outcomes: createOutcomeStore(createDocuments(region), BLOBS_TABLE),
  images,
  log: (fields) => log.info(fields),
});
