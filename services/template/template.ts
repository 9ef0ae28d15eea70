import { Fn } from 'cloudform';
import type { Template } from 'cloudform';
import { arn } from '../../templates/names.ts';
import {
  allow,
  functionConditions,
  functionParameters,
  lambdaFunction,
} from '../../templates/service/function.ts';
import { httpApi } from '../../templates/service/http-api.ts';
import { table } from '../../templates/service/table.ts';
import { service } from './service.ts';

const [{ timeout }] = service.functions;

/** What outlives the service. */
export const data = (): Template => ({
  AWSTemplateFormatVersion: '2010-09-09',
  Description: 'template: the table of hits',
  Resources: { Hits: table(service.tables.Hits) },
  Outputs: { HitsTable: { Description: 'Hits of pages', Value: Fn.Ref('Hits') } },
});

/** What answers. */
export const api = (): Template => ({
  AWSTemplateFormatVersion: '2010-09-09',
  Description: 'template: the API',
  Parameters: {
    ...functionParameters('Api'),
    HitsTable: { Type: 'String', Description: 'The table of hits' },
  },
  Conditions: functionConditions,
  Resources: {
    ...lambdaFunction('Api', {
      system: service.name,
      description: 'Counts the hits of pages',
      timeout,
      environment: { TEMPLATE_TABLE: Fn.Ref('HitsTable') },
      statements: [allow('Hits', ['dynamodb:UpdateItem'], arn('dynamodb', ['table/', Fn.Ref('HitsTable')]))],
    }),
    ...httpApi(service.name, 'Api'),
  },
  Outputs: {
    Url: { Description: 'The API', Value: Fn.GetAtt('HttpApi', 'ApiEndpoint') },
    ApiFunction: { Description: 'The function', Value: Fn.Ref('Api') },
    ApiLogGroup: { Description: 'What the function logs', Value: Fn.Ref('ApiLogs') },
  },
});
