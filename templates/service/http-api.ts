import { ApiGatewayV2, Fn, Lambda } from 'cloudform';
import type { ResourceBase } from 'cloudform';
import { arn } from '../names.ts';

/**
 * An HTTP API that hands every request to one function, which answers CORS and unknown paths too. Its URL is
 * `Fn.GetAtt('HttpApi', 'ApiEndpoint')`: the stage is the default one, so that nothing stands before a path.
 * @param system its name
 * @param name logical id of the function
 */
export function httpApi(system: string, name: string): Record<string, ResourceBase> {
  return {
    HttpApi: new ApiGatewayV2.Api({
      Name: Fn.Join('-', [system, Fn.Ref('Stage')]),
      ProtocolType: 'HTTP',
    }),
    HttpIntegration: new ApiGatewayV2.Integration({
      ApiId: Fn.Ref('HttpApi'),
      IntegrationType: 'AWS_PROXY',
      IntegrationUri: Fn.GetAtt(name, 'Arn'),
      PayloadFormatVersion: '2.0',
    }),
    HttpRoute: new ApiGatewayV2.Route({
      ApiId: Fn.Ref('HttpApi'),
      RouteKey: '$default',
      Target: Fn.Join('/', ['integrations', Fn.Ref('HttpIntegration')]),
    }),
    HttpStage: new ApiGatewayV2.Stage({
      ApiId: Fn.Ref('HttpApi'),
      StageName: '$default',
      AutoDeploy: true,
    }),
    HttpPermission: new Lambda.Permission({
      FunctionName: Fn.GetAtt(name, 'Arn'),
      Action: 'lambda:InvokeFunction',
      Principal: 'apigateway.amazonaws.com',
      SourceArn: arn('execute-api', [Fn.Ref('HttpApi'), '/*']),
    }),
  };
}
