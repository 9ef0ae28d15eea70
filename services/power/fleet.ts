import {
  type AutoScalingClient,
  type AutoScalingGroup,
  CreateOrUpdateTagsCommand,
  DescribeAutoScalingGroupsCommand,
  UpdateAutoScalingGroupCommand,
} from '@aws-sdk/client-auto-scaling';
import { HttpError } from '../../src/http/call.ts';
import { type Machines, report } from './machines.ts';
import { refusing } from './refusal.ts';

/** Tag of the group that says what it was before it was stopped, such as `1/2`: minimum and desired number. */
const BEFORE = 'power:before';

/**
 * An Auto Scaling group: stopped it has a minimum and a desired number of 0, started what it had before.
 * @param name of the group
 */
export function createFleet(autoScaling: AutoScalingClient, name: string): Machines {
  return async (action) => {
    const group = await find();
    if (action === 'stop' && !isAtRest(group)) {
      // First the note: whatever happens then, what the group was is known.
      await remember(group);
      await resize(0, 0);
    }
    if (action === 'start' && isAtRest(group)) {
      const [min, desired] = before(group);
      await resize(min, desired);
    }
    return [report(action, `fleet ${name}`, name, stateOf(group))];
  };

  async function find(): Promise<AutoScalingGroup> {
    const { AutoScalingGroups = [] } = await refusing(
      autoScaling.send(new DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames: [name] })),
    );
    const [group] = AutoScalingGroups;
    if (!group) throw new HttpError(502, `There is no fleet ${name}.`);
    return group;
  }

  async function remember({ MinSize = 0, DesiredCapacity = 0 }: AutoScalingGroup): Promise<void> {
    const tag = { Key: BEFORE, Value: `${MinSize}/${DesiredCapacity}`, PropagateAtLaunch: false };
    const Tags = [{ ...tag, ResourceId: name, ResourceType: 'auto-scaling-group' }];
    await refusing(autoScaling.send(new CreateOrUpdateTagsCommand({ Tags })));
  }

  async function resize(MinSize: number, DesiredCapacity: number): Promise<void> {
    await refusing(
      autoScaling.send(
        new UpdateAutoScalingGroupCommand({ AutoScalingGroupName: name, MinSize, DesiredCapacity }),
      ),
    );
  }
}

const isAtRest = ({ MinSize, DesiredCapacity }: AutoScalingGroup) => MinSize === 0 && DesiredCapacity === 0;

/** @throws HttpError 409 when the group was brought to rest by somebody else */
function before({ Tags = [], MaxSize = 0 }: AutoScalingGroup): [min: number, desired: number] {
  const noted = /^(\d+)\/(\d+)$/.exec(Tags.find(({ Key }) => Key === BEFORE)?.Value ?? '');
  if (!noted)
    throw new HttpError(409, 'This service has not stopped the fleet, and does not know what it was.');
  // Its maximum may have become smaller since.
  return [Math.min(Number(noted[1]), MaxSize), Math.min(Number(noted[2]), MaxSize)];
}

function stateOf(group: AutoScalingGroup): string {
  const { Instances = [], DesiredCapacity = 0 } = group;
  if (DesiredCapacity === 0) return Instances.length > 0 ? 'stopping' : 'stopped';
  const working = Instances.filter(({ LifecycleState }) => LifecycleState === 'InService').length;
  return working > 0 ? 'running' : 'pending';
}
