import type { SystemFlag } from '../../deploy/system.ts';

const cron = {
  value: 'CRON',
  // Minutes, hours, day of the month, month, day of the week, year.
  pattern: /^\S+( \S+){5}$/,
  wanted: 'six fields of cron, such as "0 8 ? * MON-FRI *"',
};

export const flags = {
  instance: {
    parameter: 'InstanceIds',
    about: 'an instance to switch (repeat it for more)',
    value: 'ID',
    pattern: /^i-[0-9a-f]{8,17}$/,
    wanted: 'an id such as i-0123456789abcdef0',
    multiple: true,
  },
  'tag-selected': {
    parameter: 'PowerTag',
    about: 'all instances with this value of the tag Power',
    value: 'Power=VALUE',
    pattern: /^Power=[\w.@+-]{1,100}$/,
    wanted: 'the tag Power and a value, such as Power=api',
  },
  fleet: {
    parameter: 'FleetName',
    about: "the Auto Scaling group of Postagram's stage",
    value: 'STAGE',
    pattern: /^[a-z]([a-z0-9-]{0,13}[a-z0-9])?$/,
    wanted: 'the name of a stage',
    outputOf: { stack: 'postagram-server', output: 'FleetName' },
  },
  key: { parameter: 'Access', about: 'callers need the API key (the default)', sets: 'key' },
  iam: { parameter: 'Access', about: 'callers need a signature that IAM allows', sets: 'iam' },
  open: { parameter: 'Access', about: 'ANYBODY MAY SWITCH: no key, no signature', sets: 'open' },
  start: { parameter: 'StartCron', about: 'when to start them, as in EventBridge', ...cron },
  stop: { parameter: 'StopCron', about: 'when to stop them', ...cron },
  timezone: {
    parameter: 'Timezone',
    about: 'of --start and --stop (default UTC)',
    value: 'ZONE',
    pattern: /^[A-Za-z][\w+/-]{1,49}$/,
    wanted: 'a time zone such as Europe/Paris',
  },
} as const satisfies Readonly<Record<string, SystemFlag>>;
