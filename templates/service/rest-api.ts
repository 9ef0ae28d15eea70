import { createHash } from 'node:crypto';
import { ApiGateway, Fn, Lambda, Refs } from 'cloudform';
import type { Condition, ResourceBase, Value } from 'cloudform';
import { arn } from '../names.ts';

export type RestApiOptions = {
  /** Its name. */
  system: string;
  /** The stage, which stands before every path of API Gateway's own URL. */
  stage: Value<string>;
  /** Path → logical id of the function that answers it and all below it, such as `{ '/api/create_tweet': 'Write' }`. */
  paths: Readonly<Record<string, string>>;
  /** Who may call, besides preflights: anybody without it; as the stack's `Access` says (`accessParameter`) for `chosen`. */
  access?: 'api key' | 'iam' | 'chosen';
};

/** Of a stack whose API has `access: 'chosen'`. */
export const accessParameter = {
  Access: {
    Type: 'String',
    Default: 'key',
    AllowedValues: ['key', 'iam', 'open'],
    Description: 'Who may call: who has the key, whom IAM lets, or anybody',
  },
};

/** The conditions that go with `accessParameter`. */
export const accessConditions: Record<string, Condition> = {
  AccessByKey: Fn.Equals(Fn.Ref('Access'), 'key'),
  AccessByIam: Fn.Equals(Fn.Ref('Access'), 'iam'),
  AccessOpen: Fn.Equals(Fn.Ref('Access'), 'open'),
};

/** `{proxy+}` is all below a path. */
const BELOW = '{proxy+}';

/**
 * A REST API that hands requests to functions, whatever their method: those answer CORS. What API Gateway refuses itself,
 * such as a call without its key, has CORS headers too, so that a page can read it. Bodies pass as they are, of any type.
 */
export function restApi(options: RestApiOptions): Record<string, ResourceBase> {
  const { system, stage, paths, access } = options;
  const methods = Object.entries(paths).flatMap(([path, name]) =>
    [path, `${path}/${BELOW}`].flatMap((one) => methodsOf(one, name, access)),
  );
  const parts: Record<string, ResourceBase> = {
    RestApi: new ApiGateway.RestApi({
      // A literal: AWS's validator takes any other name for none (E3660). Names need not be unique.
      Name: system,
      Description: Fn.Join(' ', ['Stage', Fn.Ref('Stage')]),
      EndpointConfiguration: { Types: ['REGIONAL'] },
      BinaryMediaTypes: ['*/*'],
    }),
    ...Object.fromEntries(
      resourcePaths(Object.keys(paths)).map((path) => [idOf('Path', path), pathResource(path)]),
    ),
    ...Object.fromEntries(methods),
    RestRefusals: refusals('DEFAULT_4XX'),
    RestFailures: refusals('DEFAULT_5XX'),
  };
  // A deployment is a copy of what there is when it is made: other methods need another one, under another name.
  const hash = createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 12);
  const deployment = `RestDeployment${hash}`;
  const after = [...methods.map(([id]) => id), 'RestRefusals', 'RestFailures'];
  const copy = () => new ApiGateway.Deployment({ RestApiId: Fn.Ref('RestApi') }).dependsOn(after);
  // Nor would the copy of one access know of another.
  const copies =
    access === 'chosen'
      ? Object.keys(accessConditions).map((one) => [deployment + one, copy().condition(one)] as const)
      : [[deployment, copy()] as const];
  const copied = (by: string) => Fn.Ref(deployment + by);
  return {
    ...parts,
    ...Object.fromEntries(copies),
    RestStage: new ApiGateway.Stage({
      RestApiId: Fn.Ref('RestApi'),
      DeploymentId:
        access === 'chosen'
          ? Fn.If(
              'AccessByKey',
              copied('AccessByKey'),
              Fn.If('AccessByIam', copied('AccessByIam'), copied('AccessOpen')),
            )
          : Fn.Ref(deployment),
      StageName: stage,
    }),
    ...Object.fromEntries(
      [...new Set(Object.values(paths))].map((name) => [`${name}Permission`, permission(name)]),
    ),
  };
}

/** The address of a path of the API, stage included. @param path such as `/api/create_tweet`; empty for the API itself */
export const restUrl = (path = ''): Value<string> =>
  Fn.Join('', [
    'https://',
    Fn.Ref('RestApi'),
    '.execute-api.',
    Refs.Region,
    '.',
    Refs.URLSuffix,
    '/',
    // Of the stage, not of the parameter: the address is there once the stage is.
    Fn.Ref('RestStage'),
    path,
  ]);

/** Every path that is a resource of its own: `/api`, `/api/create_tweet`, `/api/create_tweet/{proxy+}`. */
function resourcePaths(paths: string[]): string[] {
  const all = paths.flatMap((path) => {
    const segments = path.split('/').slice(1);
    const above = segments.map((_, i) => `/${segments.slice(0, i + 1).join('/')}`);
    return [...above, `${path}/${BELOW}`];
  });
  return [...new Set(all)];
}

function pathResource(path: string): ApiGateway.Resource {
  const cut = path.lastIndexOf('/');
  const above = path.slice(0, cut);
  return new ApiGateway.Resource({
    RestApiId: Fn.Ref('RestApi'),
    ParentId: above === '' ? Fn.GetAtt('RestApi', 'RootResourceId') : Fn.Ref(idOf('Path', above)),
    PathPart: path.slice(cut + 1),
  });
}

/** Letters and digits, as a logical id has them: `/api/create_tweet` → `ApiCreateTweet`. */
const idOf = (kind: string, path: string): string =>
  kind +
  path
    .replace(BELOW, 'below')
    .split(/[^A-Za-z0-9]+/)
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join('');

type Access = RestApiOptions['access'];

function methodsOf(path: string, name: string, access: Access): [string, ApiGateway.Method][] {
  const any = method('ANY', path, name, access);
  // A browser's preflight carries neither key nor signature.
  return access ? [any, method('OPTIONS', path, name, undefined)] : [any];
}

function method(
  verb: 'ANY' | 'OPTIONS',
  path: string,
  name: string,
  access: Access,
): [string, ApiGateway.Method] {
  const uri = ['arn:', Refs.Partition, ':apigateway:', Refs.Region, ':lambda:path/2015-03-31/functions/'];
  const resource = new ApiGateway.Method({
    RestApiId: Fn.Ref('RestApi'),
    ResourceId: Fn.Ref(idOf('Path', path)),
    HttpMethod: verb,
    AuthorizationType:
      access === 'chosen' ? Fn.If('AccessByIam', 'AWS_IAM', 'NONE') : access === 'iam' ? 'AWS_IAM' : 'NONE',
    ApiKeyRequired: access === 'chosen' ? Fn.If('AccessByKey', true, false) : access === 'api key',
    Integration: {
      Type: 'AWS_PROXY',
      IntegrationHttpMethod: 'POST',
      Uri: Fn.Join('', [...uri, Fn.GetAtt(name, 'Arn'), '/invocations']),
    },
  });
  return [idOf(verb === 'ANY' ? 'Any' : 'Options', path), resource];
}

/** What API Gateway answers itself, with CORS headers: a page would not even learn the status without. */
function refusals(ResponseType: 'DEFAULT_4XX' | 'DEFAULT_5XX'): ApiGateway.GatewayResponse {
  return new ApiGateway.GatewayResponse({
    RestApiId: Fn.Ref('RestApi'),
    ResponseType,
    ResponseParameters: { 'gatewayresponse.header.Access-Control-Allow-Origin': "'*'" },
  });
}

function permission(name: string): Lambda.Permission {
  return new Lambda.Permission({
    FunctionName: Fn.GetAtt(name, 'Arn'),
    Action: 'lambda:InvokeFunction',
    Principal: 'apigateway.amazonaws.com',
    SourceArn: arn('execute-api', [Fn.Ref('RestApi'), '/*']),
  });
}
