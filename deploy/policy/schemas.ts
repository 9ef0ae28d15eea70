import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Services that stages are made of. Types of a service are taken whole: a new resource then needs no new look. */
const wanted =
  /^AWS::(ApiGateway|ApiGatewayV2|AutoScaling|CloudWatch|Cognito|DynamoDB|ElasticLoadBalancingV2|IAM|Lambda|Logs|Route53|S3|Scheduler|SNS|SQS)::|^AWS::Events::Rule$|^AWS::EC2::(InternetGateway|LaunchTemplate|Route|RouteTable|SecurityGroup|Subnet|SubnetRouteTableAssociation|VPC|VPCEndpoint|VPCGatewayAttachment)$/;

interface Schema {
  typeName: string;
  handlers?: Record<string, { permissions?: string[] }>;
}

const root = join(import.meta.dirname, '../..');

/**
 * The permissions that CloudFormation needs, from the caller, to make, change, read and delete each type: `handlers` of
 * the schemas that cfn-lint carries, for the region eu-west-1.
 * @throws Error when cfn-lint is not in .cache/venv
 */
export async function readHandlers(): Promise<Record<string, string[]>> {
  const folder = await schemaFolder();
  const read = async (path: string): Promise<unknown> =>
    JSON.parse(await readFile(join(folder, path), 'utf8'));
  // Names of the types of a region, and the file of each.
  const files = (await read('providers/eu-west-1.json')) as Record<string, string>;
  const found: Record<string, string[]> = {};
  for (const [type, file] of Object.entries(files).toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    if (!wanted.test(type)) continue;
    const { handlers = {} } = (await read(`resources/${file}.json`)) as Schema;
    const actions = Object.values(handlers).flatMap(({ permissions = [] }) => permissions);
    // The schemas name some with another capital, and some twice.
    found[type] = [...new Map(actions.map((action) => [action.toLowerCase(), action])).values()].toSorted();
  }
  return found;
}

async function schemaFolder(): Promise<string> {
  const libraries = join(root, '.cache/venv/lib');
  const [python] = await readdir(libraries).catch(() => []);
  if (!python) throw new Error('No cfn-lint in .cache/venv: bash test/cloud/run.sh installs it');
  return join(libraries, python, 'site-packages/cfnlint/data/schemas');
}
