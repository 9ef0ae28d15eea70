import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import * as v from 'valibot';
import { FriendlyError } from '../settings.ts';
import { Ec2Error } from './ec2-error.ts';

/** EC2's own codes of the states that there are here. */
export const STATE_CODES = { pending: 0, running: 16, stopping: 64, stopped: 80 } as const;

export type State = keyof typeof STATE_CODES;

/** Where an instance that is on its way arrives. */
const ARRIVES: Partial<Record<State, State>> = { pending: 'running', stopping: 'stopped' };

const instanceSchema = v.object({
  id: v.string(),
  imageId: v.string(),
  type: v.string(),
  tags: v.record(v.string(), v.string()),
  state: v.picklist(['pending', 'running', 'stopping', 'stopped']),
  /** When it came into this state, ms since 1970. */
  since: v.number(),
});
const fileSchema = v.array(instanceSchema);

export type Instance = v.InferOutput<typeof instanceSchema>;
export type Change = { id: string; previous: State; current: State };
export type Instances = ReturnType<typeof openInstances>;

/**
 * The instances of a local EC2, kept in a file. Nothing runs in them: they have states, and take time between them.
 * @param file made when there is none
 * @param options.transitionMs how long an instance is pending, or stopping, ms
 * @param options.now the clock, ms since 1970
 * @throws FriendlyError when the file is damaged
 */
export function openInstances(file: string, options: { transitionMs: number; now: () => number }) {
  const { transitionMs, now } = options;
  const instances = existsSync(file) ? read(file) : [];

  /** Whole before it takes the old one's place: a crash leaves one or the other. */
  const save = () => {
    writeFileSync(`${file}.new`, JSON.stringify(instances));
    renameSync(`${file}.new`, file);
  };

  const settled = (instance: Instance): Instance => {
    const next = ARRIVES[instance.state];
    const at = instance.since + transitionMs;
    return next !== undefined && now() >= at ? Object.assign(instance, { state: next, since: at }) : instance;
  };

  function change(ids: string[], what: 'start' | 'stop'): Change[] {
    const [from, through, to] =
      what === 'start'
        ? (['stopped', 'pending', 'running'] as const)
        : (['running', 'stopping', 'stopped'] as const);
    const chosen = find(ids);
    const refused = chosen.find(({ state }) => ![from, through, to].includes(state));
    if (refused)
      throw new Ec2Error(
        'IncorrectInstanceState',
        `The instance '${refused.id}' is not in a state from which it can be ${what === 'start' ? 'started' : 'stopped'}.`,
      );
    const changes = chosen.map((instance) => {
      const previous = instance.state;
      if (previous === from) Object.assign(instance, { state: through, since: now() });
      return { id: instance.id, previous, current: instance.state };
    });
    save();
    return changes;
  }

  function find(ids: string[]): Instance[] {
    return ids.map((id) => {
      const found = instances.find((one) => one.id === id);
      if (!found) throw new Ec2Error('InvalidInstanceID.NotFound', `The instance ID '${id}' does not exist`);
      return settled(found);
    });
  }

  return {
    all: (): Instance[] => instances.map(settled),
    /** @throws Ec2Error for an id that there is not */
    find,
    /** Makes one, pending. @param given.id a new one without it */
    run(given: Omit<Instance, 'id' | 'state' | 'since'> & { id?: string | undefined }): Instance {
      const { id = `i-${randomBytes(9).toString('hex').slice(0, 17)}`, ...rest } = given;
      const instance: Instance = { ...rest, id, state: 'pending', since: now() };
      instances.push(instance);
      save();
      return instance;
    },
    /** Each is started, or none. @throws Ec2Error when one is stopping, or is not there */
    start: (ids: string[]) => change(ids, 'start'),
    /** Each is stopped, or none. @throws Ec2Error when one is pending, or is not there */
    stop: (ids: string[]) => change(ids, 'stop'),
  };
}

function read(file: string): Instance[] {
  try {
    return v.parse(fileSchema, JSON.parse(readFileSync(file, 'utf8')));
  } catch (cause) {
    throw new FriendlyError(`${file} is damaged. Delete it to begin with new instances.`, { cause });
  }
}
