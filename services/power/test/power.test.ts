import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import * as v from 'valibot';
import type { GatewayAnswer } from '../../../src/http/lambda.ts';
import { openServiceWays } from '../../../test/support/service-ways.ts';
import { problemIn } from '../../../test/support/shapes.ts';

const id = 'i-0123456789abcdef0';
const { ways } = await openServiceWays({ after }, 'power', { transitionMs: 0 });
const said = (message: string) => [200, { message, instance_id: id }];

for (const { way, call } of ways) {
  const post = async (action: unknown) => {
    const { status, json } = await call('POST', '/ec2', { body: { action } });
    return [status, json];
  };

  describe(`the power service over ${way}`, () => {
    it('starts, stops and tells, in the words of the contract, and twice is no error', async () => {
      for (let time = 0; time < 2; time += 1)
        assert.deepEqual(await post('stop'), said(`Stopping instance ${id}`));
      assert.deepEqual(await post('status'), said(`Instance ${id} is stopped`));
      for (let time = 0; time < 2; time += 1)
        assert.deepEqual(await post('start'), said(`Starting instance ${id}`));
      assert.deepEqual(await post('status'), said(`Instance ${id} is running`));
    });

    it('tells to a GET too, which changes nothing whatever it asks', async () => {
      const answer = await call('GET', '/ec2?action=stop');
      assert.deepEqual([answer.status, answer.json], said(`Instance ${id} is running`));
      assert.deepEqual((await call('GET', '/ec2/')).json, said(`Instance ${id} is running`)[1]);
    });

    for (const body of [{ action: 'reboot' }, { action: 'Stop' }, { action: null }, { action: ['stop'] }, {}])
      it(`refuses ${JSON.stringify(body)}`, async () => {
        const answer = await call('POST', '/ec2', { body });
        assert.equal(problemIn(answer, 422), 'action: must be status, start or stop');
      });

    it('lets a page of any origin send its key', async () => {
      const headers = {
        origin: 'https://pages.example',
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'content-type,x-api-key',
      };
      const answer = await call('OPTIONS', '/ec2', { headers });
      assert.equal(answer.status, 204);
      assert.equal(answer.headers.get('access-control-allow-origin'), '*');
      const allowed = (answer.headers.get('access-control-allow-headers') ?? '').split(', ');
      for (const name of ['content-type', 'x-api-key']) assert.ok(allowed.includes(name), name);
    });

    it('refuses what is no JSON object', async () => {
      problemIn(await call('POST', '/ec2', { body: Buffer.from('{"action": "stop"') }), 400);
      assert.equal(
        problemIn(await call('POST', '/ec2', { body: 'stop' }), 422),
        'body: must be a JSON object',
      );
      assert.deepEqual(await post('status'), said(`Instance ${id} is running`));
    });
  });
}

const bodyOf = ({ body }: GatewayAnswer) => v.parse(v.looseObject({ message: v.string() }), JSON.parse(body));

describe('the power service, invoked directly', () => {
  // What `openServiceWays` imported already, with its variables.
  const entry = import('../api.ts');
  const invoke = async (event: unknown): Promise<GatewayAnswer> => (await entry).handler(event);

  it('takes the event for the body', async () => {
    const answer = await invoke({ action: 'status' });
    assert.equal(answer.statusCode, 200);
    assert.deepEqual(bodyOf(answer), { message: `Instance ${id} is running`, instance_id: id });
    assert.equal((await invoke({ body: '{"action":"status"}' })).statusCode, 200);
    assert.equal((await invoke({ body: { action: 'status' } })).statusCode, 200);
    assert.equal((await invoke({ action: 'reboot' })).statusCode, 422);
    assert.equal((await invoke('{')).statusCode, 400);
  });

  it('fails for a schedule where the answer is an error, so that Lambda tries again', async () => {
    assert.equal((await invoke({ action: 'status', retry: true })).statusCode, 200);
    await assert.rejects(invoke({ action: 'reboot', retry: true }), /must be status, start or stop/);
  });
});
