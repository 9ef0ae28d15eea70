import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { PassThrough } from 'node:stream';
import { describe, it } from 'node:test';
import type { Choice } from '../../deploy/cloudformation/parameters.ts';
import { costAtRest, total } from '../../deploy/cost/estimate.ts';
import { diskGigabytes, instancePrices, prices } from '../../deploy/cost/prices.ts';
import { createCost } from '../../deploy/cost/stage-cost.ts';
import { createTerminal } from '../../deploy/terminal/terminal.ts';
import { resolve } from '../templates/resolve.ts';
import { parameterSets } from '../templates/parameter-sets.ts';
import { at, compileStacks } from '../templates/stacks.ts';

const doc = await readFile(new URL('../../docs/cost.md', import.meta.url), 'utf8');
const stacks = compileStacks();

/** Types of what both stacks make with these values. */
function made(given: Record<string, string>): string[] {
  return (['serverless', 'server'] as const).flatMap((name) => {
    const { Resources } = resolve(stacks[name], { ...parameterSets[name]['nothing given'], ...given });
    return Object.values(Resources).map(({ Type }) => Type);
  });
}

const defaults = { InstanceType: 't4g.small', MinSize: '1' };

describe('what a stage costs at rest', () => {
  it('is what docs/cost.md says, row by row and together', () => {
    const costs = costAtRest(made({}), defaults);
    for (const { what, dollars = 0 } of costs) assert.ok(doc.includes(`| $${dollars.toFixed(2)} |`), what);
    assert.match(doc, new RegExp(`About \\*\\*\\$${Math.round(total(costs))} a month\\*\\*`));
    const alarms = total(costAtRest(made({ AlarmEmail: 'a@example.org' }), defaults)) - total(costs);
    assert.ok(doc.includes(`| $${alarms.toFixed(2)} |`));
    const more = total(costAtRest(made({}), { ...defaults, MinSize: '2' })) - total(costs);
    assert.ok(doc.includes(`adds $${more.toFixed(2)}.`), more.toFixed(2));
  });

  it('says of a type whose price is not known that it is not known', () => {
    const costs = costAtRest(made({}), { InstanceType: 'c99.huge', MinSize: '1' });
    assert.deepEqual(
      costs.filter(({ dollars }) => dollars === undefined).map(({ what }) => what),
      ['1 × c99.huge'],
    );
  });

  it('is nothing where there is nothing but what is paid by use', () => {
    assert.deepEqual(costAtRest(['AWS::Lambda::Function', 'AWS::DynamoDB::Table'], {}), []);
  });

  it('reckons with the disk that an instance has', () => {
    const disk = 'LaunchTemplate.Properties.LaunchTemplateData.BlockDeviceMappings.0.Ebs.VolumeSize';
    assert.equal(at(stacks.server, disk), diskGigabytes);
  });
});

describe('the cost of a plan', () => {
  const stdout = new PassThrough();
  const terminal = createTerminal(stdout, new PassThrough());
  const told = () => String(stdout.read() ?? '');
  const cost = createCost();
  const add = (name: 'serverless' | 'server', given: Record<string, string>) => {
    const { Resources, ...shape } = stacks[name];
    const values = { ...parameterSets[name]['nothing given'], ...given };
    const choices = Object.entries(values).map(([one, value]): Choice => ({
      name: one,
      value,
      from: 'offer',
    }));
    cost.add({ name, shape: { ...shape, Resources } }, choices);
  };

  it('is that of all stacks together', () => {
    add('serverless', { AlarmEmail: 'a@example.org' });
    add('server', { ...defaults, AlarmEmail: 'a@example.org' });
    cost.show(terminal);
    assert.match(told(), /load balancer +\$16\.43\n[^]*6 alarms +\$0\.60\n together +\$/);
  });

  it('is shown once more only where it turns out to be another', () => {
    add('server', { ...defaults, AlarmEmail: 'a@example.org' });
    cost.show(terminal);
    assert.equal(told(), '');
    add('server', { ...defaults, AlarmEmail: 'a@example.org', MinSize: '2' });
    cost.show(terminal);
    assert.match(told(), /2 × t4g\.small +\$24\.53\n/);
  });
});

it('docs/cost.md has every price and its source', () => {
  for (const [name, { dollars, source }] of Object.entries(prices)) {
    assert.ok(new RegExp(`\\$${String(dollars).replace('.', '\\.')}0? `).test(doc), name);
    assert.ok(doc.includes(source), source);
  }
  assert.ok(doc.includes(`$${instancePrices['t4g.small']} an hour`));
});
