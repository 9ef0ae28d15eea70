import { deepEqual, equal, match } from 'node:assert/strict';
import { test } from 'node:test';

import {
  CloudFormationClient,
  CreateStackCommand,
  DescribeStacksCommand,
} from '@aws-sdk/client-cloudformation';

import { parameterSets } from '../templates/parameter-sets.ts';
import { compileStacks } from '../templates/stacks.ts';
import { elements, startMoto } from './moto.ts';

for (const secure of [false, true])
  test(`moto runs the server template ${secure ? 'with' : 'without'} a certificate: one instance in the target group`, async (t) => {
    const { endpoint, region, query, certificate } = await startMoto(t);
    await query('iam', '2010-05-08', {
      Action: 'CreateRole',
      RoleName: 'Role-1ABCDEF',
      AssumeRolePolicyDocument: '{}',
    });
    const parameters = {
      ...parameterSets.server['nothing given'],
      CertificateArn: secure ? await certificate() : '',
    };
    const cloudFormation = new CloudFormationClient({
      endpoint,
      region,
      credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    });
    t.after(() => cloudFormation.destroy());
    await cloudFormation.send(
      new CreateStackCommand({
        StackName: 'postagram-server-test',
        TemplateBody: JSON.stringify(compileStacks().server),
        Parameters: Object.entries(parameters).map(([ParameterKey, ParameterValue]) => ({
          ParameterKey,
          ParameterValue,
        })),
        Capabilities: ['CAPABILITY_IAM'],
      }),
    );
    const { Stacks } = await cloudFormation.send(new DescribeStacksCommand({}));
    equal(Stacks?.[0]?.StackStatus, 'CREATE_COMPLETE');
    const url = Stacks[0].Outputs?.find(({ OutputKey }) => OutputKey === 'Url')?.OutputValue;
    match(url ?? '', secure ? /^https:\/\/.+\.elb\./ : /^http:\/\/.+\.elb\./);

    const elb = (operation: Record<string, string>) => query('elasticloadbalancing', '2015-12-01', operation);
    const groups = await elb({ Action: 'DescribeTargetGroups' });
    const [group = ''] = elements(groups, 'TargetGroupArn');
    const health = await elb({ Action: 'DescribeTargetHealth', TargetGroupArn: group });
    const [instance = '', ...others] = elements(health, 'Id');
    match(instance, /^i-/);
    deepEqual(others, []);
    deepEqual(elements(health, 'Port'), ['8080']);

    const machines = await query('ec2', '2016-11-15', { Action: 'DescribeInstances' });
    deepEqual(elements(machines, 'instanceId'), [instance]);
    deepEqual(elements(machines, 'instanceType'), ['t4g.small']);

    const [balancer = ''] = elements(await elb({ Action: 'DescribeLoadBalancers' }), 'LoadBalancerArn');
    const listeners = await elb({ Action: 'DescribeListeners', LoadBalancerArn: balancer });
    const ports = elements(listeners, 'Port').toSorted();
    deepEqual(new Set(ports), new Set(secure ? ['443', '80'] : ['80']));
  });
