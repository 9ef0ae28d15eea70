import { DetectLabelsCommand, type RekognitionClient } from '@aws-sdk/client-rekognition';
import type { ImageStore } from './image-store.ts';
import type { StoredObject } from './object-event.ts';

/** What became of an image: its labels, or why it was refused. */
export type Outcome = { labels: string[] } | { error: string };

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
 * @returns undefined when the photo is gone, or replaced by now
 * @throws the SDK's error when another try may help
 */
export async function detectLabels(
  { rekognition, images }: { rekognition: RekognitionClient; images: Pick<ImageStore, 'headNewest'> },
  photo: Pick<StoredObject, 'bucket' | 'key' | 'version'>,
): Promise<Outcome | undefined> {
  const { bucket, key, version } = photo;
  try {
    const { Labels = [] } = await rekognition.send(
      new DetectLabelsCommand({
        Image: { S3Object: { Bucket: bucket, Name: key, Version: version } },
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
    if (name === 'InvalidS3ObjectException' && !(await images.headNewest(photo))) return undefined;
    throw error;
  }
}
