import type { IncomingHttpHeaders } from 'node:http';

/** Something done to a resource, in the words of IAM. */
export interface Use {
  action: string;
  /** ARN, or `*` for an action that knows no resources. */
  resource: string;
  /** Keys of conditions and their values, as far as they are known. */
  context?: Record<string, string | string[]>;
}

export interface AwsRequest {
  method: string;
  /** Path and query. */
  url: string;
  headers: IncomingHttpHeaders;
  body: string;
  /** Status of the answer, once there is one. */
  status?: number;
}

/** Where the requests go: part of the ARNs. */
export interface Place {
  region: string;
  account: string;
}

/**
 * What a request to DynamoDB, Rekognition or S3 (addressed by path) needs to be allowed.
 *
 * @see
 *   https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
 * @throws Error for a request it does not know
 */
export function usesOf(request: AwsRequest, place: Place): Use[] {
  const [service, operation] = String(request.headers['x-amz-target'] ?? '').split('.');
  const query = queryOf(request);
  if (query) return queryUses(query, place);
  if (operation === undefined) return s3Uses(request);
  // An SDK wrote it.
  const input = JSON.parse(request.body) as Record<string, unknown>;
  if (service === 'DynamoDB_20120810') return dynamodbUses(operation, input, place);
  if (service === 'RekognitionService') return rekognitionUses(operation, input);
  throw new Error(`Not known to IAM's recorder: ${service}.${operation}`);
}

/** The parameters of a call in the query protocol, such as EC2's. */
function queryOf({ headers, body }: AwsRequest): URLSearchParams | undefined {
  const isForm = headers['content-type']?.startsWith('application/x-www-form-urlencoded');
  return isForm ? new URLSearchParams(body) : undefined;
}

/** EC2 and Auto Scaling. */
function queryUses(query: URLSearchParams, { region, account }: Place): Use[] {
  const operation = query.get('Action') ?? '';
  const values = (name: RegExp) => [...query].filter(([key]) => name.test(key)).map(([, value]) => value);
  const group = (name: string) =>
    `arn:aws:autoscaling:${region}:${account}:autoScalingGroup:0:autoScalingGroupName/${name}`;
  if (operation === 'DescribeInstances') return [{ action: `ec2:${operation}`, resource: '*' }];
  if (operation === 'StartInstances' || operation === 'StopInstances')
    return values(/^InstanceId\.\d+$/).map((id) => ({
      action: `ec2:${operation}`,
      resource: `arn:aws:ec2:${region}:${account}:instance/${id}`,
      context: { 'ec2:InstanceID': id },
    }));
  if (operation === 'DescribeAutoScalingGroups')
    return [{ action: `autoscaling:${operation}`, resource: '*' }];
  if (operation === 'UpdateAutoScalingGroup')
    return [{ action: `autoscaling:${operation}`, resource: group(query.get('AutoScalingGroupName') ?? '') }];
  if (operation === 'CreateOrUpdateTags')
    return values(/\.ResourceId$/).map((name) => ({
      action: `autoscaling:${operation}`,
      resource: group(name),
      context: { 'aws:TagKeys': values(/\.Key$/) },
    }));
  throw new Error(`Not known to IAM's recorder: ${operation}`);
}

function dynamodbUses(operation: string, input: Record<string, unknown>, place: Place): Use[] {
  const action = `dynamodb:${operation}`;
  const tableOf = (name: string) => `arn:aws:dynamodb:${place.region}:${place.account}:table/${name}`;
  if (operation === 'BatchGetItem')
    return Object.keys(input['RequestItems'] ?? {}).map((name) => ({ action, resource: tableOf(name) }));
  if (!['PutItem', 'GetItem', 'UpdateItem', 'DeleteItem', 'Query', 'Scan'].includes(operation))
    throw new Error(`Not known to IAM's recorder: ${action}`);
  const index = input['IndexName'] === undefined ? '' : `/index/${String(input['IndexName'])}`;
  return [{ action, resource: tableOf(String(input['TableName'])) + index }];
}

/** Rekognition reads the photo with the rights of whoever asks it to. */
function rekognitionUses(operation: string, input: Record<string, unknown>): Use[] {
  // The shape of DetectLabels' input.
  const image = input['Image'] as
    { S3Object?: { Bucket: string; Name: string; Version?: string } } | undefined;
  const photo = image?.S3Object;
  const read = photo?.Version === undefined ? 's3:GetObject' : 's3:GetObjectVersion';
  return [
    { action: `rekognition:${operation}`, resource: '*' },
    ...(photo ? [{ action: read, resource: `arn:aws:s3:::${photo.Bucket}/${photo.Name}` }] : []),
  ];
}

function s3Uses({ method, url, headers, body, status }: AwsRequest): Use[] {
  const { pathname, searchParams } = new URL(url, 'http://localhost');
  const [, bucket = '', key = ''] = /^\/([^/]*)\/?(.*)$/.exec(decodeURIComponent(pathname)) ?? [];
  const on = (action: string, name: string) => ({
    action: `s3:${action}`,
    resource: `arn:aws:s3:::${bucket}${name && `/${name}`}`,
  });
  const request = `${method} ${key === '' ? 'bucket' : 'object'}`;
  // Who may not list is told 403 of a missing object, and the product counts on the 404.
  const missing = status === 404 ? [on('ListBucket', '')] : [];
  const version = searchParams.has('versionId') ? 'Version' : '';
  if (
    request === 'GET bucket' &&
    !searchParams.has('versions') &&
    (searchParams.has('list-type') || searchParams.has('prefix'))
  )
    return [on('ListBucket', '')];
  if (request === 'HEAD bucket') return [on('ListBucket', '')];
  if (request === 'GET bucket' && searchParams.has('versions')) return [on('ListBucketVersions', '')];
  if (request === 'POST bucket' && searchParams.has('delete'))
    return [...body.matchAll(/<Object>(.*?)<\/Object>/gs)].flatMap(([, object = '']) => {
      const [, name = ''] = /<Key>(.*?)<\/Key>/s.exec(object) ?? [];
      // "You must always specify the s3:DeleteObject permission", and the other for a version:
      // https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObjects.html
      const actions = ['DeleteObject', ...(object.includes('<VersionId>') ? ['DeleteObjectVersion'] : [])];
      return actions.map((action) => on(action, fromXml(name)));
    });
  if (request === 'GET object' || request === 'HEAD object')
    return [on(`GetObject${version}`, key), ...missing];
  if (request === 'PUT object' && headers['x-amz-copy-source'] === undefined) return [on('PutObject', key)];
  if (request === 'DELETE object') return [on(`DeleteObject${version}`, key)];
  throw new Error(`Not known to IAM's recorder: ${method} ${url}`);
}

function fromXml(text: string): string {
  const names: Record<string, string> = { lt: '<', gt: '>', quot: '"', apos: "'", amp: '&' };
  return text.replaceAll(/&(#x?)?(\w+);/g, (whole, code: string | undefined, name: string) =>
    code === undefined
      ? (names[name] ?? whole)
      : String.fromCodePoint(Number.parseInt(name, code === '#x' ? 16 : 10)),
  );
}
