import { Fn } from 'cloudform';
import type { Template } from 'cloudform';
import { arn } from '../../templates/names.ts';
import { sharedParameters } from '../../templates/parameters.ts';
import { bucket, bucketName } from '../../templates/service/bucket.ts';
import { allow, functionParameters, lambdaFunction } from '../../templates/service/function.ts';
import { httpApi } from '../../templates/service/http-api.ts';
import { table } from '../../templates/service/table.ts';
import { deadLettersArn, objectCreated } from '../../templates/service/triggers.ts';
import { service } from './service.ts';

const [api_, labeler] = service.functions;
const images = bucketName(service.name, 'Images');
const imagesArn = arn('s3', [images, '/blobs/*'], 'global');
const dynamodb = (...actions: string[]) => actions.map((one) => `dynamodb:${one}`);
// S3 wants both of a delete that names a version.
const DELETE = ['s3:DeleteObject', 's3:DeleteObjectVersion'];
const listVersions = allow('ListImages', ['s3:ListBucketVersions'], arn('s3', [images], 'global'));

/** What outlives the service, and the labeler: a bucket names the function that it calls. */
export const data = (): Template => ({
  AWSTemplateFormatVersion: '2010-09-09',
  Description: 'blobs: the table, the bucket of images and what labels them',
  Parameters: { ...functionParameters(labeler.name), Stage: sharedParameters.Stage },
  Resources: {
    Blobs: table(service.tables.Blobs),
    ...bucket('Images', { name: images, definition: service.buckets.Images, calls: labeler.name }),
    ...lambdaFunction(labeler.name, {
      system: service.name,
      description: 'Labels the images of blobs',
      timeout: labeler.timeout,
      environment: { BLOBS_TABLE: Fn.Ref('Blobs'), BLOBS_BUCKET: images },
      deadLetters: deadLettersArn(labeler.name),
      statements: [
        allow('Blobs', dynamodb('GetItem', 'UpdateItem'), Fn.GetAtt('Blobs', 'Arn')),
        allow('Labels', ['rekognition:DetectLabels'], '*'),
        // Rekognition reads the image, of a version, by this role.
        allow('Images', ['s3:GetObject', 's3:GetObjectVersion', ...DELETE], imagesArn),
        // Without s3:ListBucket a HEAD of an image that is gone is 403.
        allow('Gone', ['s3:ListBucket'], arn('s3', [images], 'global')),
        listVersions,
      ],
    }),
    ...objectCreated(labeler.name, images),
  },
  Outputs: {
    BlobsTable: { Description: 'The blobs', Value: Fn.Ref('Blobs') },
    ImagesBucket: { Description: 'The images', Value: Fn.Ref('Images') },
  },
});

/** What answers. */
export const api = (): Template => ({
  AWSTemplateFormatVersion: '2010-09-09',
  Description: 'blobs: the API',
  Parameters: {
    ...functionParameters(api_.name),
    BlobsTable: { Type: 'String', Description: 'The blobs' },
    ImagesBucket: { Type: 'String', Description: 'The images' },
  },
  Resources: {
    ...lambdaFunction(api_.name, {
      system: service.name,
      description: 'Makes, shows and deletes blobs',
      timeout: api_.timeout,
      environment: { BLOBS_TABLE: Fn.Ref('BlobsTable'), BLOBS_BUCKET: Fn.Ref('ImagesBucket') },
      statements: [
        allow(
          'Blobs',
          dynamodb('PutItem', 'GetItem', 'UpdateItem', 'DeleteItem'),
          arn('dynamodb', ['table/', Fn.Ref('BlobsTable')]),
        ),
        // Whoever has an upload URL does with it what the function may.
        allow('Images', ['s3:PutObject', ...DELETE], imagesArn),
        listVersions,
      ],
    }),
    ...httpApi(service.name, api_.name),
  },
  Outputs: {
    Url: { Description: 'The API', Value: Fn.GetAtt('HttpApi', 'ApiEndpoint') },
  },
});
