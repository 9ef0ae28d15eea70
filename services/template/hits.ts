import { type DynamoDBDocumentClient, UpdateCommand } from '@aws-sdk/lib-dynamodb';

/** Counters in DynamoDB, one item a page. */
export function createHitStore(documents: DynamoDBDocumentClient, table: string) {
  return {
    /** Adds one. @returns the page's hits so far, this one included */
    async add(page: string): Promise<number> {
      const { Attributes } = await documents.send(
        new UpdateCommand({
          TableName: table,
          Key: { page },
          UpdateExpression: 'ADD hits :one',
          ExpressionAttributeValues: { ':one': 1 },
          ReturnValues: 'UPDATED_NEW',
        }),
      );
      return Number(Attributes?.hits);
    },
  };
}
