import { Fn } from 'cloudform';
import type { Template } from 'cloudform';
import { arn } from '../../templates/names.ts';
import { allow, functionParameters, lambdaFunction } from '../../templates/service/function.ts';
import { restApi, restUrl } from '../../templates/service/rest-api.ts';
import { service } from './service.ts';

const [power] = service.functions;

/** What answers. */
export const api = (): Template => ({
  AWSTemplateFormatVersion: '2010-09-09',
  Description: 'power: switches machines on and off over HTTP',
  Parameters: {
    ...functionParameters(power.name),
    InstanceIds: { Type: 'CommaDelimitedList', Description: 'Ids of the instances that are switched' },
  },
  Resources: {
    ...lambdaFunction(power.name, {
      system: service.name,
      description: 'Starts and stops machines, and says how they are',
      timeout: power.timeout,
      environment: { INSTANCE_ID: Fn.Join(',', Fn.Ref('InstanceIds')) },
      statements: [
        // Knows no resources.
        allow('Status', ['ec2:DescribeInstances'], '*'),
        allow('Switch', ['ec2:StartInstances', 'ec2:StopInstances'], arn('ec2', ['instance/*']), {
          StringEquals: { 'ec2:InstanceID': Fn.Ref('InstanceIds') },
        }),
      ],
    }),
    ...restApi({ system: service.name, stage: service.stage, paths: { '/ec2': power.name }, access: 'iam' }),
  },
  Outputs: {
    Url: { Description: 'Where orders are posted', Value: restUrl('/ec2') },
    PowerFunction: { Description: 'The function', Value: Fn.Ref(power.name) },
    PowerLogGroup: { Description: 'What the function logs', Value: Fn.Ref(`${power.name}Logs`) },
  },
});
