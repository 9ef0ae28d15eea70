import { DeployFailure } from './cloudformation/failure.ts';

/**
 * Regions with Amazon Rekognition, as in AWS's own endpoint data (botocore 1.44.5, service `rekognition`) and
 * https://docs.aws.amazon.com/general/latest/gr/rekognition.html, read in November 2026.
 */
export const rekognitionRegions: readonly string[] = [
  'ap-northeast-1',
  'ap-northeast-2',
  'ap-south-1',
  'ap-southeast-1',
  'ap-southeast-2',
  'ap-southeast-5',
  'ap-southeast-7',
  'ca-central-1',
  'eu-central-1',
  'eu-south-2',
  'eu-west-1',
  'eu-west-2',
  'il-central-1',
  'sa-east-1',
  'us-east-1',
  'us-east-2',
  'us-gov-west-1',
  'us-west-1',
  'us-west-2',
];

/** Throws a DeployFailure naming the region when photos could not be labelled there. */
export function requireRekognition(region: string): void {
  if (rekognitionRegions.includes(region)) return;
  throw new DeployFailure(
    `Amazon Rekognition is not offered in ${region}: photos could not be labelled there.`,
    `Regions that have it: ${rekognitionRegions.join(', ')}`,
  );
}
