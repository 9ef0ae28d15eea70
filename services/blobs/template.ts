import { Fn, Refs } from 'cloudform';
import type { Template } from 'cloudform';
import { arn } from '../../templates/names.ts';
import { sharedParameters } from '../../templates/parameters.ts';
import { bucket, bucketName } from '../../templates/service/bucket.ts';
import {
  allow,
  functionConditions,
  functionParameters,
  lambdaFunction,
} from '../../templates/service/function.ts';
import { httpApi } from '../../templates/service/http-api.ts';
import { table } from '../../templates/service/table.ts';
import { secretParameters } from '../../templates/service/secret.ts';
import {
  deadLettersArn,
  everyMinutes,
  objectCreated,
  streamStatements,
  tableStream,
} from '../../templates/service/triggers.ts';
import { service } from './service.ts';

const [api_, labeler, deliverer, retrier] = service.functions;
const images = bucketName(service.name, 'Images');
const imagesArn = arn('s3', [images, '/blobs/*'], 'global');
const dynamodb = (...actions: string[]) => actions.map((one) => `dynamodb:${one}`);
// S3 wants both of a delete that names a version.
const DELETE = ['s3:DeleteObject', 's3:DeleteObjectVersion'];
const listVersions = allow('ListImages', ['s3:ListBucketVersions'], arn('s3', [images], 'global'));

const tableArn = arn('dynamodb', ['table/', Fn.Ref('BlobsTable')]);
const secrets = {
  BLOBS_TABLE: Fn.Ref('BlobsTable'),
  BLOBS_CALLBACK_SECRET: Fn.Ref('CallbackSecret'),
  BLOBS_CALLBACK_SECRET_OLD: Fn.If('HasOldSecret', Fn.Ref('OldCallbackSecret'), Refs.NoValue),
};

/** What outlives the service, and the labeler: a bucket names the function that it calls. */
export const data = (): Template => ({
  AWSTemplateFormatVersion: '2010-09-09',
  Description: 'blobs: the table, the bucket of images and what labels them',
  Parameters: { ...functionParameters(labeler.name), Stage: sharedParameters.Stage },
  Conditions: functionConditions,
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
    BlobsStream: { Description: 'Their changes', Value: Fn.GetAtt('Blobs', 'StreamArn') },
    ImagesBucket: { Description: 'The images', Value: Fn.Ref('Images') },
  },
});

/** What calls back. */
export const callbacks = (): Template => ({
  AWSTemplateFormatVersion: '2010-09-09',
  Description: 'blobs: the callbacks',
  Parameters: {
    ...functionParameters(deliverer.name, retrier.name),
    ...secretParameters(service.secrets),
    OldCallbackSecret: {
      Type: 'String',
      NoEcho: true,
      Default: '',
      Description: 'Signs callbacks too, while receivers change to the other one',
    },
    BlobsTable: { Type: 'String', Description: 'The blobs' },
    BlobsStream: { Type: 'String', Description: 'Their changes' },
  },
  Conditions: { ...functionConditions, HasOldSecret: Fn.Not(Fn.Equals(Fn.Ref('OldCallbackSecret'), '')) },
  Resources: {
    ...lambdaFunction(deliverer.name, {
      system: service.name,
      description: 'Calls back, once a blob is labelled',
      timeout: deliverer.timeout,
      environment: secrets,
      statements: [
        allow('Blobs', dynamodb('UpdateItem'), tableArn),
        ...streamStatements(deliverer.name, Fn.Ref('BlobsStream')),
      ],
    }),
    ...tableStream(deliverer.name, Fn.Ref('BlobsStream'), deliverer.trigger),
    ...lambdaFunction(retrier.name, {
      system: service.name,
      description: 'Calls back again, where that failed',
      timeout: retrier.timeout,
      environment: secrets,
      statements: [
        allow('Blobs', dynamodb('UpdateItem'), tableArn),
        allow('Due', dynamodb('Query'), Fn.Join('', [tableArn, '/index/callbacks'])),
      ],
    }),
    ...everyMinutes(retrier.name, retrier.trigger.everyMinutes),
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
  Conditions: functionConditions,
  Resources: {
    ...lambdaFunction(api_.name, {
      system: service.name,
      description: 'Makes, shows and deletes blobs',
      timeout: api_.timeout,
      environment: { BLOBS_TABLE: Fn.Ref('BlobsTable'), BLOBS_BUCKET: Fn.Ref('ImagesBucket') },
      statements: [
        allow('Blobs', dynamodb('PutItem', 'GetItem', 'UpdateItem', 'DeleteItem'), tableArn),
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
