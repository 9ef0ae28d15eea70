import * as v from 'valibot';
import type { Reply, Routes } from '../../src/http/call.ts';
import { parseInput } from '../../src/http/validation.ts';
import { type Action, ACTIONS, type Machines } from './machines.ts';

const wanted = 'must be status, start or stop';
const orderSchema = v.object({ action: v.picklist(ACTIONS, wanted) }, (issue) =>
  issue.expected === 'Object' ? 'must be a JSON object' : wanted,
);

/** The routes of the API. @param machines of each kind that is switched */
export function powerRoutes(machines: readonly Machines[]): Routes {
  async function act(action: Action): Promise<Reply> {
    const reports = (await Promise.all(machines.map((some) => some(action)))).flat();
    if (reports.length === 1) return { body: reports[0] };
    const message = reports.map((one) => one.message).join('; ');
    const ids = reports.map((one) => one.instance_id).join(',');
    return { body: { message, instance_id: ids, instances: reports } };
  }

  return {
    'POST /ec2': async (call) => act(parseInput(orderSchema, await call.json()).action),
    'GET /ec2': () => act('status'),
  };
}
