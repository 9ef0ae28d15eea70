import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { problemIn } from '../support/shapes.ts';
import { startServiceStage, type ServiceStage } from './service-stage.ts';

const flags = ['--stage=cloud', '--yes'];

describe('the template service on an emulated AWS that enforces IAM', () => {
  let stage: ServiceStage;
  let api: Awaited<ReturnType<ServiceStage['open']>>;

  before(async () => {
    stage = await startServiceStage('template');
    await stage.deploy(...flags);
    api = await stage.open((await stage.outputs()).Url ?? '');
  });
  after(() => stage.close());

  it('answers its contract through API Gateway', async () => {
    for (const hits of [1, 2, 3]) {
      const { status, json, headers } = await api.call('POST', '/hits/home');
      assert.deepEqual([status, json], [200, { page: 'home', hits }]);
      assert.match(headers.get('x-request-id') ?? '', /^[0-9a-f-]{36}$/);
    }
    assert.match(problemIn(await api.call('POST', '/hits/a%20b'), 422), /^page: /);
    problemIn(await api.call('GET', '/hits/home'), 405);
    problemIn(await api.call('GET', '/elsewhere'), 404);
  });

  it('has a role that allows what it asks of AWS, and no more', async () => {
    const { HitsTable = '' } = await stage.outputs();
    const uses = stage.uses().map(({ action, resource }) => [action, resource]);
    assert.deepEqual(uses, [
      ['dynamodb:UpdateItem', `arn:aws:dynamodb:eu-west-1:000000000000:table/${HitsTable}`],
    ]);
    await stage.assertRolesFit('cloud');
  });

  it('has nothing to change at the next run', async () => {
    assert.match(
      await stage.deploy('diff', ...flags),
      /template-data-cloud: no changes[^]*template-api-cloud: no changes/,
    );
  });

  it('leaves its table with down, and nothing with down --data', async () => {
    const { HitsTable = '' } = await stage.outputs();
    await stage.deploy('down', ...flags);
    assert.ok((await stage.remains()).includes(HitsTable), 'the table is kept');
    await stage.deploy('down', '--data', '--confirm-stage=cloud', ...flags);
    assert.deepEqual(await stage.remains(), []);
  });
});
