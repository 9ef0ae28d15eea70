import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import type { TestContext } from 'node:test';
import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import type { StackEvent } from '@aws-sdk/client-cloudformation';
import { createTerminal } from '../../deploy/terminal/terminal.ts';

const StackId = 'arn:aws:cloudformation:eu-west-1:123456789012:stack/s/1';

/** `Id STATUS reason`, as an event; the id `stack` is the stack itself. */
export function event(line: string): StackEvent {
  const [id = '', status = '', ...reason] = line.split(' ');
  return {
    StackId,
    StackName: 's',
    EventId: line,
    Timestamp: new Date(0),
    LogicalResourceId: id === 'stack' ? 's' : id,
    PhysicalResourceId: id === 'stack' ? StackId : `${id}-1`,
    ResourceType: id === 'stack' ? 'AWS::CloudFormation::Stack' : 'AWS::S3::Bucket',
    // A status CloudFormation has: the rows below are its own.
    ResourceStatus: status as NonNullable<StackEvent['ResourceStatus']>,
    ResourceStatusReason: reason.join(' ') || undefined,
  };
}

const stackParameters =
  '<Parameters><member><ParameterKey>MinSize</ParameterKey><ParameterValue>2</ParameterValue></member></Parameters>';

/**
 * A CloudFormation of one stack over HTTP: says which status it has at each look, and keeps the actions asked of it.
 * Its parameter MinSize is 2.
 * @param statuses one for each look, the last one for good; undefined for no stack
 * @param events oldest first
 */
export async function cloudOf(t: TestContext, statuses: (string | undefined)[], events: string[]) {
  const actions: string[] = [];
  const asked: URLSearchParams[] = [];
  const looks = [...statuses];
  const server = createServer(async (request, response) => {
    const parameters = new URLSearchParams(await text(request));
    const action = parameters.get('Action') ?? '';
    actions.push(action);
    asked.push(parameters);
    const status = looks.length > 1 ? looks.shift() : looks[0];
    const answer = (result: string) =>
      response.end(`<${action}Response><${action}Result>${result}</${action}Result></${action}Response>`);
    if (action === 'DescribeStackEvents') {
      const members = events.map((line, index) => {
        const {
          LogicalResourceId,
          PhysicalResourceId,
          ResourceType,
          ResourceStatus,
          ResourceStatusReason = '',
        } = event(line);
        return `<member><EventId>${index}</EventId><StackId>${StackId}</StackId><LogicalResourceId>${LogicalResourceId}</LogicalResourceId><PhysicalResourceId>${PhysicalResourceId}</PhysicalResourceId><ResourceType>${ResourceType}</ResourceType><ResourceStatus>${ResourceStatus}</ResourceStatus><ResourceStatusReason>${ResourceStatusReason}</ResourceStatusReason></member>`;
      });
      return answer(`<StackEvents>${members.toReversed().join('')}</StackEvents>`);
    }
    if (action === 'DeleteStack') {
      events.push('stack DELETE_IN_PROGRESS', 'stack DELETE_COMPLETE');
      return answer('');
    }
    if (action === 'CreateChangeSet') return answer(`<Id>set</Id><StackId>${StackId}</StackId>`);
    if (action === 'DescribeChangeSet') return answer('<Status>CREATE_COMPLETE</Status>');
    if (status === undefined) {
      response.statusCode = 400;
      return response.end(
        '<ErrorResponse><Error><Code>ValidationError</Code><Message>Stack with id s does not exist</Message></Error></ErrorResponse>',
      );
    }
    return answer(
      `<Stacks><member><StackId>${StackId}</StackId><StackName>s</StackName><StackStatus>${status}</StackStatus>${stackParameters}</member></Stacks>`,
    );
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  // A server that listens on TCP has an AddressInfo; only pipes have a string.
  const { port } = server.address() as AddressInfo;
  const region = 'eu-west-1';
  const credentials = { accessKeyId: 'a', secretAccessKey: 'b' };
  const cfn = new CloudFormationClient({ region, credentials, endpoint: `http://127.0.0.1:${port}` });
  t.after(() => {
    cfn.destroy();
    server.close();
    server.closeAllConnections();
  });
  const stdout = new PassThrough();
  const cloud = { cfn, region, terminal: createTerminal(stdout, new PassThrough()), interruption: () => {} };
  return { cloud, actions, asked, said: () => String(stdout.read() ?? '') };
}
