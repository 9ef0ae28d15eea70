import { CloudWatch, Fn, SNS } from 'cloudform';

/** Where a stack's alarms go: one mail to confirm for each stack. */
export function alarmTopic(): SNS.Topic {
  return new SNS.Topic({
    Subscription: [{ Protocol: 'email', Endpoint: Fn.Ref('AlarmEmail') }],
  }).condition('HasAlarms');
}

/**
 * An alarm that mails when a metric reaches its threshold, and is silent while there is no data. Periods are a
 * minute.
 *
 * @param minutes how long it must last
 */
export function alarm(
  metric: Pick<
    ConstructorParameters<typeof CloudWatch.Alarm>[0],
    'AlarmDescription' | 'Namespace' | 'MetricName' | 'Dimensions' | 'Statistic' | 'Threshold'
  >,
  minutes: number,
): CloudWatch.Alarm {
  return new CloudWatch.Alarm({
    ...metric,
    Period: 60,
    EvaluationPeriods: minutes,
    ComparisonOperator: 'GreaterThanOrEqualToThreshold',
    TreatMissingData: 'notBreaching',
    AlarmActions: [Fn.Ref('AlarmTopic')],
  }).condition('HasAlarms');
}
