import { AwsJson1_0Protocol } from '@aws-sdk/core/protocols';

type Serialize = AwsJson1_0Protocol['serializeRequest'];
type Deserialize = AwsJson1_0Protocol['deserializeResponse'];
type Answer = Awaited<ReturnType<Deserialize>>;
type Request = Awaited<ReturnType<Serialize>>;

/**
 * DynamoDB's protocol without the walk through the schema of every value: what strings, numbers and lists need is
 * JSON.stringify and JSON.parse. Binary attributes would need more; posts have none. Errors are read by the SDK.
 * What it gains: docs/decisions/sdk-parts.md.
 */
export class PlainJsonProtocol extends AwsJson1_0Protocol {
  override async serializeRequest(...[operation, input, context]: Parameters<Serialize>): Promise<Request> {
    const body = JSON.stringify(input);
    const request = new (this.getRequestType())({
      method: 'POST',
      path: '/',
      headers: {
        'content-type': 'application/x-amz-json-1.0',
        'x-amz-target': `${this.serviceTarget}.${operation.name}`,
      },
      body,
    });
    return this.updateServiceEndpoint(request, await context.endpoint());
  }

  override async deserializeResponse<Output extends Answer>(
    ...[operation, context, response]: Parameters<Deserialize>
  ): Promise<Output> {
    if (this.isErrorResponse(response.statusCode))
      return super.deserializeResponse(operation, context, response);
    const bytes: Uint8Array = await context.streamCollector(response.body);
    const output = JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString());
    return Object.assign(output, { $metadata: this.deserializeMetadata(response) });
  }
}
