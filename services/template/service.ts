import type { Service } from '../service.ts';

/** What the service is made of: read by `npm start -- template`, by deploy.ts and by template.ts. */
export const service = {
  name: 'template',
  purpose: 'Counts the hits of pages: the smallest service, to start another one from',
  curl: '-X POST $URL/hits/home',
  functions: [
    {
      name: 'Api',
      entry: 'services/template/api.ts',
      trigger: { http: ['/hits'] },
      timeout: 10,
      environment: { TEMPLATE_TABLE: { table: 'Hits' } },
    },
  ],
  tables: {
    Hits: {
      KeySchema: [{ AttributeName: 'page', KeyType: 'HASH' }],
      AttributeDefinitions: [{ AttributeName: 'page', AttributeType: 'S' }],
    },
  },
  stacks: [
    { name: 'data', keepsData: true, template: async () => (await import('./template.ts')).data() },
    { name: 'api', template: async () => (await import('./template.ts')).api() },
  ],
} as const satisfies Service;
