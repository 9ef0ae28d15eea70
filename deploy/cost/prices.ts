/**
 * What things cost, in US dollars, in us-east-1: the one place that docs/cost.md and the plan of deploy.ts have prices from.
 * Looked up on 25 November 2026 in stored copies; AWS's own pages draw most prices by script.
 */
export interface Price {
  dollars: number;
  per: string;
  source: string;
  /** Whether AWS itself says so in what could be read; else somebody else does. */
  byAws: boolean;
}

/** Hours a month has in AWS's own calculations. */
export const hoursPerMonth = 730;

/** GB of an instance's disk: templates/fleet.ts. */
export const diskGigabytes = 8;

export const prices = {
  loadBalancer: {
    dollars: 0.0225,
    per: 'hour',
    source: 'https://aws.amazon.com/elasticloadbalancing/pricing/',
    byAws: true,
  },
  loadBalancerUnit: {
    dollars: 0.008,
    per: 'LCU-hour',
    source: 'https://cloud-horizons.com/blog/alb-the-line-item-nobody-watches/',
    byAws: false,
  },
  publicAddress: {
    dollars: 0.005,
    per: 'hour',
    source: 'https://aws.amazon.com/blogs/aws/new-aws-public-ipv4-address-charge-public-ip-insights/',
    byAws: true,
  },
  disk: { dollars: 0.08, per: 'GB a month', source: 'https://aws.amazon.com/ebs/pricing/', byAws: false },
  alarm: { dollars: 0.1, per: 'month', source: 'https://aws.amazon.com/cloudwatch/pricing/', byAws: false },
  logsIn: {
    dollars: 0.5,
    per: 'GB taken in',
    source: 'https://aws.amazon.com/cloudwatch/pricing/',
    byAws: false,
  },
  logsKept: {
    dollars: 0.03,
    per: 'GB a month',
    source: 'https://aws.amazon.com/cloudwatch/pricing/',
    byAws: false,
  },
  table: {
    dollars: 0.25,
    per: 'GB a month',
    source: 'https://aws.amazon.com/dynamodb/pricing/',
    byAws: false,
  },
  tableRecovery: {
    dollars: 0.2,
    per: 'GB a month',
    source: 'https://aws.amazon.com/dynamodb/pricing/',
    byAws: false,
  },
  user: {
    dollars: 0.015,
    per: 'user of a month, after the first 10,000',
    source: 'https://aws.amazon.com/cognito/pricing/',
    byAws: false,
  },
  restCalls: {
    dollars: 3.5,
    per: 'million calls',
    source:
      'https://docs.aws.amazon.com/whitepapers/latest/best-practices-api-gateway-private-apis-integration/cost-optimization.html',
    byAws: true,
  },
  httpCalls: {
    dollars: 1,
    per: 'million calls',
    source:
      'https://docs.aws.amazon.com/whitepapers/latest/best-practices-api-gateway-private-apis-integration/cost-optimization.html',
    byAws: true,
  },
  schedules: {
    dollars: 1,
    per: 'million invocations, after the first 14 million of a month',
    source: 'https://cloudburn.io/blog/amazon-eventbridge-pricing',
    byAws: false,
  },
} as const satisfies Record<string, Price>;

/**
 * Dollars an hour by instance type, Linux, on demand. Nine price lists in public repositories agree on them for us-east-1;
 * no AWS page could be read that has them.
 */
export const instancePrices: Readonly<Record<string, number>> = {
  't4g.nano': 0.0042,
  't4g.micro': 0.0084,
  't4g.small': 0.0168,
  't4g.medium': 0.0336,
  't4g.large': 0.0672,
  't4g.xlarge': 0.1344,
  't4g.2xlarge': 0.2688,
};
