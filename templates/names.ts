import { Fn, Refs } from 'cloudform';
import type { IntrinsicFunction, Value } from 'cloudform';

/**
 * The image bucket's name, known before the bucket is made: the bucket needs the function's permission to exist, the
 * permission and the function's role name the bucket, and a Ref to it would close the circle. At most 60 characters
 * of S3's 63.
 */
export const imageBucketName: Value<string> = Fn.Join('-', [
  'postagram-images',
  Fn.Ref('Stage'),
  Refs.AccountId,
  Refs.Region,
]);

/** Likewise: the role names it too. At most S3's 63 characters, less one. */
export const renditionsBucketName: Value<string> = Fn.Join('-', [
  'postagram-rendered',
  Fn.Ref('Stage'),
  Refs.AccountId,
  Refs.Region,
]);

/**
 * @param service the ARN's service, such as `s3`
 * @param path what follows account and region, in parts that are joined without a separator
 * @param scope whether the ARN names region and account (S3's do not)
 */
export function arn(
  service: string,
  path: Value<string>[],
  scope: 'regional' | 'global' = 'regional',
): Value<string> {
  const place = scope === 'regional' ? [':', Refs.Region, ':', Refs.AccountId, ':'] : [':::'];
  return Fn.Join('', ['arn:', Refs.Partition, `:${service}`, ...place, ...path]);
}

/** What consoles show for instances, disks and network. */
export const nameTag = [{ Key: 'Name', Value: Fn.Join('-', ['postagram', Fn.Ref('Stage')]) }];

/**
 * The value, once the others are made. DependsOn cannot name what a condition may leave out; a Ref beside the value,
 * inside `Fn::If` where needed, is a dependency like any other.
 *
 * @param value a Ref or GetAtt
 * @see
 *   https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-select.html
 */
export function after(others: IntrinsicFunction[], value: Value<string>): IntrinsicFunction {
  return Fn.Select(0, [value, ...others]);
}
