import { DetectLabelsCommand, type RekognitionClient } from '@aws-sdk/client-rekognition';
import { HeadObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import type { Outcome } from './outcome-store.ts';
import type { Photo } from './photo-event.ts';

const MAX_LABELS = 5;

/** Percent. The assignment's 0.75 would let everything through. */
const MIN_CONFIDENCE = 75;

/** What Rekognition refuses for good, and how that is told to the author. */
const REFUSALS: Readonly<Record<string, string>> = {
  InvalidImageFormatException: 'The photo is not a JPEG or PNG image, or it is damaged.',
  ImageTooLargeException: 'The photo has too many pixels or bytes.',
  InvalidParameterException: 'The photo cannot be analysed: it may be too small.',
};

/**
 * Asks Rekognition what is in a photo.
 * @returns undefined when the photo is gone
 * @throws the SDK's error when another try may help
 */
export async function detectLabels(
  { rekognition, s3 }: { rekognition: RekognitionClient; s3: S3Client },
  { bucket, key }: Photo,
): Promise<Outcome | undefined> {
  try {
    const { Labels = [] } = await rekognition.send(
      new DetectLabelsCommand({
        Image: { S3Object: { Bucket: bucket, Name: key } },
        MaxLabels: MAX_LABELS,
        MinConfidence: MIN_CONFIDENCE,
      }),
    );
    return { labels: Labels.flatMap(({ Name }) => Name ?? []) };
  } catch (error) {
    const name = error instanceof Error ? error.name : '';
    const refusal = REFUSALS[name];
    if (refusal) return { error: refusal };
    // Rekognition says this of a photo that is gone, but also of a missing permission and of another region.
    if (name === 'InvalidS3ObjectException' && (await isGone(s3, bucket, key))) return undefined;
    throw error;
  }
}

async function isGone(s3: S3Client, bucket: string, key: string): Promise<boolean> {
  try {
    await s3.send(new HeadObjectCommand({ Bucket: bucket, Key: key }));
    return false;
  } catch (error) {
    // A HEAD has no body, so that its error has no better name than the status.
    if (error instanceof Error && error.name === 'NotFound') return true;
    throw error;
  }
}
