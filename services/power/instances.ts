import {
  DescribeInstancesCommand,
  type DescribeInstancesCommandInput,
  type EC2Client,
  StartInstancesCommand,
  StopInstancesCommand,
} from '@aws-sdk/client-ec2';
import { HttpError } from '../../src/http/call.ts';
import { type Machines, report } from './machines.ts';
import { refusing } from './refusal.ts';

/** States of an instance that can be switched; the others are those of one that is gone. */
const PRESENT = ['pending', 'running', 'stopping', 'stopped'];

/** Instances of EC2 by their ids. All of them do what is asked, or none. */
export function createInstances(ec2: EC2Client, ids: string[]): Machines {
  return async (action) => {
    if (action === 'status') {
      const states = await statesOf(ec2, { InstanceIds: ids });
      return ids.map((id) => report(action, `instance ${id}`, id, states.get(id) ?? 'unknown'));
    }
    return change(ec2, action, ids);
  };
}

/** Those whose tag `Power` has a value, whichever these are when something is asked. @throws HttpError 409 for none */
export function createTaggedInstances(ec2: EC2Client, value: string): Machines {
  return async (action) => {
    const Filters = [
      { Name: 'tag:Power', Values: [value] },
      { Name: 'instance-state-name', Values: PRESENT },
    ];
    const states = [...(await statesOf(ec2, { Filters }))].toSorted(([a], [b]) => (a < b ? -1 : 1));
    if (states.length === 0) throw new HttpError(409, `No instance has the tag Power=${value}.`);
    if (action === 'status') return states.map(([id, state]) => report(action, `instance ${id}`, id, state));
    return change(
      ec2,
      action,
      states.map(([id]) => id),
    );
  };
}

async function change(ec2: EC2Client, action: 'start' | 'stop', ids: string[]) {
  const input = { InstanceIds: ids };
  await refusing(
    action === 'start'
      ? ec2.send(new StartInstancesCommand(input))
      : ec2.send(new StopInstancesCommand(input)),
  );
  return ids.map((id) => report(action, `instance ${id}`, id, ''));
}

/** @returns id → state, all pages */
async function statesOf(ec2: EC2Client, input: DescribeInstancesCommandInput): Promise<Map<string, string>> {
  const states = new Map<string, string>();
  let NextToken: string | undefined;
  do {
    const page = await refusing(ec2.send(new DescribeInstancesCommand({ ...input, NextToken })));
    for (const { Instances = [] } of page.Reservations ?? [])
      for (const { InstanceId = '', State } of Instances) states.set(InstanceId, State?.Name ?? 'unknown');
    NextToken = page.NextToken;
  } while (NextToken);
  return states;
}
