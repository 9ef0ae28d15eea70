import type { Service } from '../service.ts';
import { flags } from './flags.ts';
import { checkWanted, remark } from './wanted.ts';

/** The instance that the laptop's EC2 has. */
const LAPTOP_INSTANCE = 'i-0123456789abcdef0';

/** What the service is made of: read by `npm start -- power`, by deploy.ts and by template.ts. */
export const service = {
  name: 'power',
  purpose: 'Switches machines on and off over HTTP',
  curl: `$URL/prod/ec2 -H 'content-type: application/json' -d '{"action":"status"}'`,
  stage: 'prod',
  functions: [
    {
      name: 'Power',
      entry: 'services/power/api.ts',
      trigger: { http: ['/ec2'] },
      timeout: 29,
      environment: { INSTANCE_ID: LAPTOP_INSTANCE },
    },
  ],
  laptopInstances: [LAPTOP_INSTANCE],
  flags,
  remark,
  stacks: [
    {
      name: 'api',
      template: async () => (await import('./template.ts')).api(),
      find: async (_session, { values }) => {
        checkWanted(values);
        return {};
      },
    },
  ],
} as const satisfies Service;
