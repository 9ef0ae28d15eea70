import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import {
  CreateHostedZoneCommand,
  ListResourceRecordSetsCommand,
  Route53Client,
} from '@aws-sdk/client-route-53';
import { credentials, region } from './ministack.ts';
import { startStage } from './stage.ts';
import type { Stage } from './stage.ts';

const flags = ['--stage=named', '--yes'];
const lastLine = (output: string) => output.trimEnd().split('\n').at(-1) ?? '';

describe('a site with a name of its own', () => {
  let stage: Stage;
  let route53: Route53Client;
  let zone = '';
  const records = async () => {
    const { ResourceRecordSets = [] } = await route53.send(
      new ListResourceRecordSetsCommand({ HostedZoneId: zone }),
    );
    return ResourceRecordSets.filter(({ Type }) => Type === 'A').map(({ Name, AliasTarget }) => [
      Name,
      AliasTarget?.DNSName?.replace(/\.$/, ''),
    ]);
  };

  before(async () => {
    stage = await startStage('named');
    route53 = new Route53Client({ region, credentials, endpoint: stage.ministack.url });
    const made = await route53.send(
      new CreateHostedZoneCommand({ Name: 'example.org', CallerReference: 'once' }),
    );
    zone = made.HostedZone?.Id?.replace('/hostedzone/', '') ?? '';
  });
  after(async () => {
    route53.destroy();
    await stage.close();
  });

  it('gets an alias where the hosted zone is ours, and is waited for under its name', async () => {
    const { code, stdout, stderr } = await stage.checkout.deploy(...flags, '--domain=photos.example.org');
    assert.equal(code, 0, stdout + stderr);
    assert.equal(lastLine(stdout), '✔ http://photos.example.org');
    const { LoadBalancerName } = (await stage.outputs()).server;
    assert.deepEqual(await records(), [['photos.example.org.', LoadBalancerName]]);
    assert.doesNotMatch(stdout, /Make this record/);
  });

  it('is in two zones that offer its type of instance, which it keeps', async () => {
    const { ZoneA, ZoneB } = (await stage.stack(stage.server))?.parameters ?? {};
    assert.deepEqual([ZoneA, ZoneB], [`${region}b`, `${region}c`]);
    const { stdout } = await stage.checkout.deploy('diff', ...flags);
    assert.match(stdout, new RegExp(`${stage.server}: no changes`));
  });

  it('is told the record to make where the zone is not ours, and waited for under the load balancer’s', async () => {
    const { code, stdout, stderr } = await stage.checkout.deploy(
      ...flags,
      '--domain=photos.elsewhere.example',
    );
    assert.equal(code, 0, stdout + stderr);
    const { LoadBalancerName } = (await stage.outputs()).server;
    assert.ok(stdout.includes(`photos.elsewhere.example CNAME ${LoadBalancerName}`), stdout);
    assert.equal(lastLine(stdout), '✔ http://photos.elsewhere.example');
    assert.deepEqual(await records(), []);
  });

  it('gives its name up with an empty flag', async () => {
    const { code, stdout } = await stage.checkout.deploy(...flags, '--domain=');
    assert.equal(code, 0, stdout);
    assert.match(lastLine(stdout), /^✔ http:\/\/\S+\.elb\.amazonaws\.com$/);
  });
});
