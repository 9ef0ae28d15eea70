import { DynamoDB } from 'cloudform';
import { kept } from '../kept.ts';

type KeySchema = readonly { readonly AttributeName: string; readonly KeyType: 'HASH' | 'RANGE' }[];

/** A table as a service defines it, in CloudFormation's own words. */
export type TableDefinition = {
  readonly KeySchema: KeySchema;
  readonly AttributeDefinitions: readonly {
    readonly AttributeName: string;
    readonly AttributeType: 'S' | 'N' | 'B';
  }[];
  readonly GlobalSecondaryIndexes?: readonly {
    readonly IndexName: string;
    readonly KeySchema: KeySchema;
    readonly Projection: { readonly ProjectionType: 'ALL' | 'KEYS_ONLY' };
  }[];
  /** Whether it has a stream of new and old images. */
  readonly stream?: true;
  /**
   * An attribute in seconds since 1970. DynamoDB removes an item within days after it, the laptop's never: readers look at
   * it themselves.
   */
  readonly ttl?: string;
};

/** On demand, with point-in-time recovery; outlives its stack. Its stream has new and old images. */
export function table(definition: TableDefinition): DynamoDB.Table {
  const { KeySchema, AttributeDefinitions, GlobalSecondaryIndexes, stream, ttl } = definition;
  return kept(
    new DynamoDB.Table({
      BillingMode: 'PAY_PER_REQUEST',
      KeySchema: [...KeySchema],
      AttributeDefinitions: [...AttributeDefinitions],
      ...(GlobalSecondaryIndexes && {
        GlobalSecondaryIndexes: GlobalSecondaryIndexes.map((index) => ({
          ...index,
          KeySchema: [...index.KeySchema],
        })),
      }),
      PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
      ...(stream && { StreamSpecification: { StreamViewType: 'NEW_AND_OLD_IMAGES' } }),
      ...(ttl && { TimeToLiveSpecification: { AttributeName: ttl, Enabled: true } }),
    }),
  );
}
