import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { trimmedDynamo } from './clients.ts';

/**
 * DynamoDB in plain JavaScript values: how services read and write their tables. A module of its own, because the server does
 * without. `undefined` is left out.
 * Binary attributes would come back as base64 text: PlainJsonProtocol does not know them.
 */
export function createDocuments(region: string): DynamoDBDocumentClient {
  // Its commands hold their input in their middleware: a cached chain would send the first input for ever.
  return DynamoDBDocumentClient.from(trimmedDynamo(region, false), {
    marshallOptions: { removeUndefinedValues: true },
  });
}
