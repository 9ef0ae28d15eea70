import { randomUUID } from 'node:crypto';
import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import {
  DeleteCommand,
  type DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  UpdateCommand,
} from '@aws-sdk/lib-dynamodb';
import * as v from 'valibot';
import { type Blob, blobSchema } from './blob.ts';

export type BlobStore = ReturnType<typeof createBlobStore>;

/** What is known of an image and of its callback: forgotten when the image is replaced. */
export const OF_THE_IMAGE =
  'sequencer, found_labels, label_error, ' +
  'callback_state, webhook_id, next_try, give_up, callback_tries, callback_problem';

/** The API's side of the table. All methods throw the SDK's errors. @param table its name */
export function createBlobStore(documents: DynamoDBDocumentClient, table: string) {
  return {
    /** Makes a blob that has no image yet. */
    async create(callbackUrl: string | undefined): Promise<Blob> {
      const blob: Blob = {
        id: randomUUID(),
        upload: randomUUID(),
        blob_state: 'CREATED',
        callback_url: callbackUrl,
      };
      await documents.send(
        new PutCommand({ TableName: table, Item: blob, ConditionExpression: 'attribute_not_exists(id)' }),
      );
      return blob;
    },

    /** @returns undefined when there is none. Consistent. */
    async find(id: string): Promise<Blob | undefined> {
      const { Item } = await documents.send(
        new GetCommand({ TableName: table, Key: { id }, ConsistentRead: true }),
      );
      return Item && v.parse(blobSchema, Item);
    },

    /**
     * Has a blob wait for another image: whatever arrives for the one before comes too late from now on.
     * @returns undefined when there is no such blob
     */
    async renew(id: string): Promise<Blob | undefined> {
      try {
        const { Attributes } = await documents.send(
          new UpdateCommand({
            TableName: table,
            Key: { id },
            ConditionExpression: 'attribute_exists(id)',
            UpdateExpression: `SET upload = :upload, blob_state = :created REMOVE ${OF_THE_IMAGE}`,
            ExpressionAttributeValues: { ':upload': randomUUID(), ':created': 'CREATED' },
            ReturnValues: 'ALL_NEW',
          }),
        );
        return v.parse(blobSchema, Attributes);
      } catch (error) {
        if (error instanceof ConditionalCheckFailedException) return undefined;
        throw error;
      }
    },

    /** Deletes a blob; one that is gone already is no error. */
    async remove(id: string): Promise<void> {
      await documents.send(new DeleteCommand({ TableName: table, Key: { id } }));
    },
  };
}
