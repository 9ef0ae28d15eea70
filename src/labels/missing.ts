import { type DynamoDBClient, ScanCommand, type ScanCommandOutput } from '@aws-sdk/client-dynamodb';

/**
 * Events, as S3 would send them, of the photos that were labelled before there were renditions, or before posts were found by their
 * labels: the labeler makes what is missing and keeps the labels.
 * @param table of posts
 * @param bucket of photos as they were uploaded
 * @throws the SDK's errors
 */
export async function* missing(client: DynamoDBClient, table: string, bucket: string) {
  let from: Pick<ScanCommandOutput, 'LastEvaluatedKey'> | undefined = {};
  while (from) {
    const page: ScanCommandOutput = await client.send(
      new ScanCommand({
        TableName: table,
        ConsistentRead: true,
        ExclusiveStartKey: from.LastEvaluatedKey,
        FilterExpression:
          'attribute_exists(#key) AND attribute_exists(labels) AND ' +
          '(attribute_not_exists(width) OR attribute_not_exists(labelRevision))',
        ProjectionExpression: '#key, version, sequencer',
        ExpressionAttributeNames: { '#key': 'key' },
      }),
    );
    for (const { key, version, sequencer } of page.Items ?? [])
      yield {
        Records: [
          {
            eventName: 'ObjectCreated:Put',
            s3: {
              bucket: { name: bucket },
              object: {
                key: (key?.S ?? '').split('/').map(encodeURIComponent).join('/'),
                versionId: version?.S,
                sequencer: sequencer?.S ?? '',
              },
            },
          },
        ],
      };
    from = page.LastEvaluatedKey && { LastEvaluatedKey: page.LastEvaluatedKey };
  }
}
