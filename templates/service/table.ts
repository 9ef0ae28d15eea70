import { DynamoDB } from 'cloudform';
import type { Value } from 'cloudform';
import { kept } from '../kept.ts';

type KeySchema = readonly { readonly AttributeName: string; readonly KeyType: 'HASH' | 'RANGE' }[];

type IndexDefinition = {
  readonly IndexName: string;
  readonly KeySchema: KeySchema;
  readonly Projection: { readonly ProjectionType: 'ALL' | 'KEYS_ONLY' };
};

/** A table as a service defines it, in CloudFormation's own words. */
export type TableDefinition = {
  readonly KeySchema: KeySchema;
  readonly AttributeDefinitions: readonly {
    readonly AttributeName: string;
    readonly AttributeType: 'S' | 'N' | 'B';
  }[];
  readonly GlobalSecondaryIndexes?: readonly IndexDefinition[];
  readonly LocalSecondaryIndexes?: readonly IndexDefinition[];
  /** Whether it has a stream of new and old images. */
  readonly stream?: true;
  /**
   * An attribute in seconds since 1970. DynamoDB removes an item within days after it, the laptop's never: readers look at
   * it themselves.
   */
  readonly ttl?: string;
};

/**
 * On demand, with point-in-time recovery; outlives its stack. Its stream has new and old images.
 * @param name only where people want to choose it: CloudFormation's own never collides
 */
export function table(definition: TableDefinition, name?: Value<string>): DynamoDB.Table {
  const { KeySchema, AttributeDefinitions, stream, ttl } = definition;
  const { GlobalSecondaryIndexes: global, LocalSecondaryIndexes: local } = definition;
  return kept(
    new DynamoDB.Table({
      BillingMode: 'PAY_PER_REQUEST',
      KeySchema: [...KeySchema],
      AttributeDefinitions: [...AttributeDefinitions],
      ...(name && { TableName: name }),
      ...(global && { GlobalSecondaryIndexes: global.map(index) }),
      ...(local && { LocalSecondaryIndexes: local.map(index) }),
      PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
      ...(stream && { StreamSpecification: { StreamViewType: 'NEW_AND_OLD_IMAGES' } }),
      ...(ttl && { TimeToLiveSpecification: { AttributeName: ttl, Enabled: true } }),
    }),
  );
}

const index = (definition: IndexDefinition) => ({ ...definition, KeySchema: [...definition.KeySchema] });
