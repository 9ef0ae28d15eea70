import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Product } from '../../deploy/build/product.ts';
import { givenValues } from '../../deploy/commands/given.ts';
import { findSystem } from '../../deploy/find-system.ts';
import { stackName } from '../../deploy/names.ts';
import type { System } from '../../deploy/system.ts';
import { help } from '../../deploy/terminal/help.ts';
import { readOptions, serviceOf } from '../../deploy/terminal/options.ts';
import { serviceNames } from '../../services/services.ts';

/** A service with one flag of each kind. */
const lamps: System = {
  name: 'lamps',
  stacks: [{ name: 'api', template: async () => ({ Resources: {} }) }],
  flags: {
    room: {
      parameter: 'Rooms',
      about: 'where',
      value: 'ROOM',
      pattern: /^[a-z]+$/,
      wanted: 'a word',
      multiple: true,
    },
    open: { parameter: 'Access', about: 'for all', sets: 'open' },
    fleet: {
      parameter: 'FleetName',
      about: 'machines of a stage',
      value: 'STAGE',
      outputOf: { stack: 'postagram-server', output: 'FleetName' },
    },
  },
};

/** What would be deployed of it: one template with these parameters. */
function product(...parameters: string[]): Product {
  const Parameters = Object.fromEntries(parameters.map((name) => [name, {}]));
  return {
    system: lamps,
    stacks: [{ name: 'api', body: '', shape: { Parameters, Resources: {} } }],
    artifacts: [],
  };
}

const account = { account: '123456789012', partition: 'aws' };
const given = (args: string, ...parameters: string[]) =>
  givenValues(
    product(...parameters),
    readOptions(args.split(' '), lamps.flags),
    account,
    async (stack, output) => `${output} of ${stack}`,
  );

describe('a system', () => {
  it('is Postagram unless a service is named', async () => {
    assert.equal((await findSystem(serviceOf(['down', '--yes']))).name, 'postagram');
  });

  it('is the service of services/ that is named, under the name of its folder', async () => {
    for (const name of serviceNames())
      assert.equal((await findSystem(serviceOf(['down', '--service', name, '--other=x']))).name, name);
  });

  it('that does not exist is refused, naming those that do', async () => {
    for (const name of ['horns', '../deploy', ''])
      await assert.rejects(findSystem(name), /There is no service ".*": .*template/);
  });

  it('has each name once: stacks, functions, and no flag that every system has', async () => {
    for (const system of [
      await findSystem(undefined),
      ...(await Promise.all(serviceNames().map(findSystem))),
    ]) {
      for (const all of [system.stacks, system.functions ?? []]) {
        const names = all.map(({ name }) => name);
        assert.deepEqual(names, [...new Set(names)], system.name);
      }
      for (const flag of Object.keys(system.flags ?? {}))
        assert.throws(() => readOptions([`--${flag}`]), /Unknown option/, `${system.name} --${flag}`);
      const kept = system.stacks.map(({ keepsData = false }) => keepsData);
      assert.deepEqual(
        kept,
        kept.toSorted((a, b) => Number(b) - Number(a)),
        `${system.name}: data first`,
      );
    }
  });

  it('gives its stacks its own name and the stage’s', () => {
    assert.equal(stackName(lamps, 'api', 'dev'), 'lamps-api-dev');
  });
});

describe('the flags of a system', () => {
  it('become parameters: a switch its value, repeated values one with commas, a stage that stage’s output', async () => {
    const values = await given(
      '--room=hall --room=attic --open --fleet=prod',
      'Rooms',
      'Access',
      'FleetName',
    );
    assert.deepEqual(values, {
      Stage: 'dev',
      Rooms: 'hall,attic',
      Access: 'open',
      FleetName: 'FleetName of postagram-server-prod',
    });
  });

  it('set the parameter back when they are empty', async () => {
    assert.equal((await given('--fleet=', 'FleetName')).FleetName, '');
  });

  it('are refused where they look wrong, or belong to another system', () => {
    assert.throws(() => readOptions(['--room=7'], lamps.flags), /--room must be a word/);
    assert.throws(() => readOptions(['--room=hall']), /Unknown option '--room'/);
  });

  it('that no template has a parameter for are refused: they would change nothing', async () => {
    await assert.rejects(given('--vpc=vpc-11111111 --subnets=subnet-11111111,subnet-22222222', 'Rooms'), {
      message: 'lamps has no parameter VpcId, SubnetIds: that flag is not for it',
    });
    assert.deepEqual(await given('--stage=prod', 'Rooms'), { Stage: 'prod' });
  });

  it('are told by --help, after those that every system has', () => {
    const told = help(lamps);
    assert.match(told, /--stage NAME[\s\S]*\nFlags of lamps\n {2}--room ROOM +where\n {2}--open +for all\n/);
    assert.doesNotMatch(help({ name: 'x', stacks: [] }), /Flags of/);
  });
});
