import { ApiGateway, Fn, Refs } from 'cloudform';
import type { Template } from 'cloudform';
import { arn } from '../../templates/names.ts';
import {
  allow,
  functionConditions,
  functionParameters,
  lambdaFunction,
} from '../../templates/service/function.ts';
import { accessConditions, accessParameter, restApi, restUrl } from '../../templates/service/rest-api.ts';
import { secretParameters } from '../../templates/service/secret.ts';
import { scheduleConditions, scheduleParameters, schedules } from './schedules.ts';
import { service } from './service.ts';

const [power] = service.functions;

const text = (Description: string, AllowedPattern: string) => ({
  Type: 'String',
  Default: '',
  Description,
  AllowedPattern,
});

const given = (parameter: string) => Fn.Not(Fn.Equals(Fn.Ref(parameter), ''));
const ifGiven = <Then>(condition: string, then: Then) => Fn.If(condition, then, Refs.NoValue);

/** What answers. */
export const api = (): Template => ({
  AWSTemplateFormatVersion: '2010-09-09',
  Description: 'power: switches machines on and off over HTTP',
  Parameters: {
    ...functionParameters(power.name),
    ...accessParameter,
    ...secretParameters({
      ApiKeyValue: { purpose: 'What callers send as x-api-key, where a key is asked for' },
    }),
    InstanceIds: text('Ids of instances, with commas', '^(|i-[0-9a-f]{8,17}(,i-[0-9a-f]{8,17})*)$'),
    PowerTag: text('Tag of instances', '^(|Power=[A-Za-z0-9_.@+-]{1,100})$'),
    FleetName: text('An Auto Scaling group', '^[^*?$]*$'),
    ...scheduleParameters,
  },
  Conditions: {
    ...functionConditions,
    ...accessConditions,
    ...scheduleConditions,
    HasInstances: given('InstanceIds'),
    HasTag: given('PowerTag'),
    HasFleet: given('FleetName'),
    HasEc2: Fn.Not(Fn.And([Fn.Not(given('InstanceIds')), Fn.Not(given('PowerTag'))])),
  },
  Resources: {
    ...lambdaFunction(power.name, {
      system: service.name,
      description: 'Starts and stops machines, and says how they are',
      timeout: power.timeout,
      environment: {
        INSTANCE_ID: ifGiven('HasInstances', Fn.Ref('InstanceIds')),
        POWER_TAG: ifGiven('HasTag', tagValue),
        POWER_FLEET: ifGiven('HasFleet', Fn.Ref('FleetName')),
      },
      statements,
    }),
    ...schedules(power.name),
    ...restApi({
      system: service.name,
      stage: service.stage,
      paths: { '/ec2': power.name },
      access: 'chosen',
    }),
    ApiKey: new ApiGateway.ApiKey({ Enabled: true, Value: Fn.Ref('ApiKeyValue') }).condition('AccessByKey'),
    // A key opens what its usage plan names, and no more. Machines take minutes: nobody needs more calls.
    UsagePlan: new ApiGateway.UsagePlan({
      ApiStages: [{ ApiId: Fn.Ref('RestApi'), Stage: Fn.Ref('RestStage') }],
      Throttle: { RateLimit: 5, BurstLimit: 20 },
    }).condition('AccessByKey'),
    UsagePlanKey: new ApiGateway.UsagePlanKey({
      KeyId: Fn.Ref('ApiKey'),
      KeyType: 'API_KEY',
      UsagePlanId: Fn.Ref('UsagePlan'),
    }).condition('AccessByKey'),
  },
  Outputs: {
    Url: { Description: 'Where orders are posted', Value: restUrl('/ec2') },
    ApiKeyId: { Description: 'Of the key', Condition: 'AccessByKey', Value: Fn.Ref('ApiKey') },
    OpenUrl: { Description: 'Open to anybody', Condition: 'AccessOpen', Value: restUrl('/ec2') },
    PowerFunction: { Description: 'The function', Value: Fn.Ref(power.name) },
    PowerLogGroup: { Description: 'What the function logs', Value: Fn.Ref(`${power.name}Logs`) },
  },
});

const tagValue = Fn.Select(1, Fn.Split('=', Fn.Ref('PowerTag')));
const anyInstance = arn('ec2', ['instance/*']);
const switches = ['ec2:StartInstances', 'ec2:StopInstances'];
const fleet = arn('autoscaling', ['autoScalingGroup:*:autoScalingGroupName/', Fn.Ref('FleetName')]);

/** Reading knows no resources; the rest is for these machines alone. */
const statements = [
  ifGiven('HasEc2', allow('Instances', ['ec2:DescribeInstances'], '*')),
  ifGiven(
    'HasInstances',
    allow('Switch', switches, anyInstance, {
      StringEquals: { 'ec2:InstanceID': Fn.Split(',', Fn.Ref('InstanceIds')) },
    }),
  ),
  ifGiven(
    'HasTag',
    allow('SwitchTagged', switches, anyInstance, { StringEquals: { 'aws:ResourceTag/Power': tagValue } }),
  ),
  ifGiven('HasFleet', allow('Fleets', ['autoscaling:DescribeAutoScalingGroups'], '*')),
  ifGiven('HasFleet', allow('Resize', ['autoscaling:UpdateAutoScalingGroup'], fleet)),
  ifGiven(
    'HasFleet',
    allow('Remember', ['autoscaling:CreateOrUpdateTags'], fleet, {
      'ForAllValues:StringEquals': { 'aws:TagKeys': ['power:before'] },
    }),
  ),
];
