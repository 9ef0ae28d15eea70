import { Fn, Refs, S3 } from 'cloudform';
import type { List, ResourceBase, Value } from 'cloudform';
import { abandonedUploads, closed, tlsOnly } from '../buckets.ts';
import { kept } from '../kept.ts';

/** A bucket as a service defines it. */
export type BucketDefinition = {
  /** Keeps what is replaced or deleted, for as many days. The laptop's S3 always keeps it. */
  readonly versionDays?: number;
  /** What pages of other origins may do; nothing without it. The origins are a deployment's. */
  readonly cors?: {
    readonly AllowedMethods: readonly ('GET' | 'HEAD' | 'PUT')[];
    readonly AllowedHeaders: readonly string[];
    readonly ExposedHeaders: readonly string[];
    /** Seconds. */
    readonly MaxAge: number;
  };
};

/**
 * The name of a service's bucket, known before it is made, so that a function's role and permission can name it. At most
 * 63 characters while system and id have 17 together.
 */
export const bucketName = (system: string, id: string): Value<string> =>
  Fn.Join('-', [system, id.toLowerCase(), Fn.Ref('Stage'), Refs.AccountId, Refs.Region]);

/**
 * A private, encrypted bucket that refuses requests without TLS and outlives its stack: `ID` and `IDPolicy`.
 * @param options.origins of pages, for a bucket with CORS
 * @param options.calls logical id of a function that every new object calls (`objectCreated` of triggers.ts lets it)
 */
export function bucket(
  id: string,
  options: {
    name: Value<string>;
    definition: BucketDefinition;
    origins?: List<Value<string>>;
    calls?: string;
  },
): Record<string, ResourceBase> {
  const { name, definition, origins = ['*'], calls } = options;
  const { versionDays, cors } = definition;
  const made = kept(
    new S3.Bucket({
      ...closed,
      BucketName: name,
      ...(versionDays && { VersioningConfiguration: { Status: 'Enabled' } }),
      LifecycleConfiguration: {
        Rules: [
          { Id: 'abandoned-uploads', ...abandonedUploads },
          ...(versionDays ? [oldVersions(versionDays)] : []),
        ],
      },
      ...(cors && {
        CorsConfiguration: {
          CorsRules: [
            {
              AllowedOrigins: origins,
              AllowedMethods: [...cors.AllowedMethods],
              AllowedHeaders: [...cors.AllowedHeaders],
              ExposedHeaders: [...cors.ExposedHeaders],
              MaxAge: cors.MaxAge,
            },
          ],
        },
      }),
      ...(calls && {
        NotificationConfiguration: {
          LambdaConfigurations: [{ Event: 's3:ObjectCreated:*', Function: Fn.GetAtt(calls, 'Arn') }],
        },
      }),
    }),
  );
  return {
    // S3 tries the notification when the bucket is made: by then it must be allowed to call the function.
    [id]: calls ? made.dependsOn(`${calls}Permission`) : made,
    [`${id}Policy`]: tlsOnly(id),
  };
}

const oldVersions = (NoncurrentDays: number) => ({
  Id: 'old-versions',
  Status: 'Enabled',
  NoncurrentVersionExpiration: { NoncurrentDays },
  ExpiredObjectDeleteMarker: true,
});
