import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { TestContext } from 'node:test';
import { createChangeSet } from '../../deploy/cloudformation/changes.ts';
import { stackParameters } from '../../deploy/cloudformation/parameters.ts';
import { findStack, stackValues } from '../../deploy/cloudformation/stack.ts';
import { cloudOf } from './one-stack-cloud.ts';

const shape = { Parameters: { MinSize: { Default: 1 } }, Resources: {} };

/** What CloudFormation is asked for a stack in this state, when nobody gives a flag. */
async function askedFor(t: TestContext, status: string) {
  const { cloud, asked } = await cloudOf(t, [status], []);
  const stack = await findStack(cloud.cfn, 's');
  const choices = stackParameters(shape, stackValues(stack));
  await createChangeSet(cloud, 's', { name: 's', body: '{}', shape }, choices, stack);
  const request = asked.find((one) => one.get('Action') === 'CreateChangeSet');
  const parameter = (name: string) => request?.get(`Parameters.member.1.${name}`);
  return {
    type: request?.get('ChangeSetType'),
    value: parameter('ParameterValue'),
    previous: parameter('UsePreviousValue'),
  };
}

describe('a change set', () => {
  it('keeps what a deployed stack has by name', async (t) => {
    assert.deepEqual(await askedFor(t, 'UPDATE_COMPLETE'), { type: 'UPDATE', value: null, previous: 'true' });
  });

  it('asks for no previous value where only a plan was left: CloudFormation refuses that for a new stack', async (t) => {
    assert.deepEqual(await askedFor(t, 'REVIEW_IN_PROGRESS'), { type: 'CREATE', value: '1', previous: null });
  });
});
