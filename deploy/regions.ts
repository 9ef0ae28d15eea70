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

const arm64 = 'that Lambda runs arm64 functions there';

/**
 * What no document and no report was found for, of the regions that have Rekognition (November 2026). For the others: Lambda on
 * arm64, aws-powertools/powertools-lambda-python#3151 and its list of regions.
 */
const unproven: Readonly<Record<string, string>> = {
  'ap-southeast-5': arm64,
  'ap-southeast-7': arm64,
  // Instances of a network of ours read their packages through an endpoint that lets this one bucket through.
  'us-gov-west-1':
    'that the repositories of Amazon Linux 2023 are in the bucket al2023-repos-us-gov-west-1-de612dc2',
};

/** Throws a DeployFailure naming the region when photos could not be labelled there. */
export function requireRekognition(region: string): void {
  if (rekognitionRegions.includes(region)) return;
  throw new DeployFailure(
    `Amazon Rekognition is not offered in ${region}: photos could not be labelled there.`,
    `Regions that have it: ${rekognitionRegions.join(', ')}`,
  );
}

/** What is to be told of a region before anything is made there, if anything. */
export function regionNote(region: string): string | undefined {
  const what = unproven[region];
  return (
    what && `${region} is accepted without evidence ${what}. If it does not work, take another --region.`
  );
}
