import { Fn, Refs } from 'cloudform';
import type { Template, Value } from 'cloudform';
import { arn } from '../../templates/names.ts';
import { sharedParameters } from '../../templates/parameters.ts';
import { bucket, bucketName } from '../../templates/service/bucket.ts';
import {
  allow,
  functionConditions,
  functionParameters,
  lambdaFunction,
} from '../../templates/service/function.ts';
import { restApi, restUrl } from '../../templates/service/rest-api.ts';
import { table } from '../../templates/service/table.ts';
import { service } from './service.ts';

const [action, urls] = service.functions;

/** What outlives the service. */
export const data = (): Template => ({
  AWSTemplateFormatVersion: '2010-09-09',
  Description: 'tweets: the table and the bucket of pictures',
  Parameters: {
    Stage: sharedParameters.Stage,
    TweetsTableName: {
      Type: 'String',
      Default: 'Tweets',
      Description: 'Name of the table: one in an account and region',
      AllowedPattern: '^[A-Za-z0-9_.-]{3,255}$',
    },
    AllowedOrigin: {
      Type: 'String',
      Default: 'http://localhost:3000',
      Description: 'The one origin whose pages may use the bucket',
      AllowedPattern: '^https?://[A-Za-z0-9.:-]+$',
    },
  },
  Resources: {
    Tweets: table(service.tables.Tweets, Fn.Ref('TweetsTableName')),
    ...bucket('Images', {
      name: bucketName(service.name, 'Images'),
      definition: service.buckets.Images,
      origins: [Fn.Ref('AllowedOrigin')],
    }),
  },
  Outputs: {
    TweetsTable: { Description: 'The tweets', Value: Fn.Ref('Tweets') },
    ImagesBucket: { Description: 'The pictures', Value: Fn.Ref('Images') },
  },
});

/** What answers. */
export const api = (): Template => ({
  AWSTemplateFormatVersion: '2010-09-09',
  Description: 'tweets: the API',
  Parameters: parameters(),
  Conditions: { ...functionConditions, HasSignIn: Fn.Not(Fn.Equals(Fn.Ref('JwtIssuer'), '')) },
  Resources: {
    ...lambdaFunction(action.name, {
      system: service.name,
      description: 'Makes, lists and deletes tweets',
      timeout: action.timeout,
      environment: {
        ...identity,
        TWEETS_TABLE: Fn.Ref('TweetsTable'),
        TWEETS_BUCKET: Fn.Ref('ImagesBucket'),
      },
      statements: [
        allow('Tweets', dynamodb('PutItem', 'GetItem', 'DeleteItem'), tableArn),
        allow('Lists', dynamodb('Query'), Fn.Join('', [tableArn, '/index/by-time'])),
        allow('ListImages', ['s3:ListBucketVersions'], bucketArn),
        // S3 wants both of a delete that names a version.
        allow('DeleteImages', ['s3:DeleteObject', 's3:DeleteObjectVersion'], imagesArn),
      ],
    }),
    ...lambdaFunction(urls.name, {
      system: service.name,
      description: 'Signs addresses of pictures',
      timeout: urls.timeout,
      environment: { ...identity, TWEETS_BUCKET: Fn.Ref('ImagesBucket') },
      // Whoever has an address does with it what the function may.
      statements: [
        allow('Images', ['s3:PutObject', 's3:GetObject'], imagesArn),
        // Without it a picture that is not there is a 403, not a 404.
        allow('ImageNames', ['s3:ListBucket'], bucketArn),
      ],
    }),
    ...restApi({
      system: service.name,
      stage: Fn.Ref('StageName'),
      paths: Object.fromEntries(
        service.functions.flatMap(({ name, trigger }) => trigger.http.map((path) => [path, name])),
      ),
    }),
  },
  Outputs: {
    FetchTweetApi: output('Lists tweets', restUrl('/api/fetch_tweet/')),
    CreateTweetApi: output('Makes a tweet', restUrl('/api/create_tweet/')),
    DeleteTweetApi: output('Deletes a tweet', restUrl('/api/delete_tweet/')),
    GeneratePresignedUrlApi: output('Signs an address to upload to', restUrl('/api/upload_url/')),
    GenerateDownloadUrlApi: output('Signs an address to download from', restUrl('/api/download_url/')),
    TweetActionFunction: output('The function of tweets', Fn.GetAtt(action.name, 'Arn')),
    GeneratePresignedUrlFunction: output('The function of addresses', Fn.GetAtt(urls.name, 'Arn')),
    TweetActionFunctionIamRole: output('Its role', Fn.GetAtt(`${action.name}Role`, 'Arn')),
    GeneratePresignedUrlFunctionIamRole: output('Its role', Fn.GetAtt(`${urls.name}Role`, 'Arn')),
  },
});

function parameters() {
  const functions = functionParameters(action.name, urls.name);
  return {
    ...functions,
    LogRetentionInDays: { ...functions.LogRetentionInDays, Default: 1 },
    StageName: {
      Type: 'String',
      Default: service.stage,
      Description: "First part of the API's paths",
      AllowedPattern: '^[A-Za-z0-9_]{1,128}$',
    },
    TweetsTable: { Type: 'String', Description: 'The tweets' },
    ImagesBucket: { Type: 'String', Description: 'The pictures' },
    JwtIssuer: { Type: 'String', Default: '', Description: 'Issuer of ID tokens; no sign-in without it' },
    JwtAudience: { Type: 'String', Default: '', Description: 'Ids of the clients whose tokens are accepted' },
    JwtNameClaim: {
      Type: 'String',
      Default: 'cognito:username',
      Description: 'The claim that is the userId',
    },
  };
}

const tableArn = arn('dynamodb', ['table/', Fn.Ref('TweetsTable')]);
const bucketArn = arn('s3', [Fn.Ref('ImagesBucket')], 'global');
const imagesArn = arn('s3', [Fn.Ref('ImagesBucket'), '/images/*'], 'global');
const dynamodb = (...actions: string[]) => actions.map((one) => `dynamodb:${one}`);
const output = (Description: string, Value: Value<string>) => ({ Description, Value });

const identity = {
  IDENTITY: Fn.If('HasSignIn', 'jwt', 'plain'),
  JWT_ISSUER: Fn.If('HasSignIn', Fn.Ref('JwtIssuer'), Refs.NoValue),
  JWT_AUDIENCE: Fn.If('HasSignIn', Fn.Ref('JwtAudience'), Refs.NoValue),
  JWT_NAME_CLAIM: Fn.Ref('JwtNameClaim'),
};
