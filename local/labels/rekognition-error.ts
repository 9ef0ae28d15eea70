import { Busy, UnreadableImage } from './detector-thread.ts';

/** An error in Rekognition's protocol: `type` becomes `__type`, and the name of the exception in the SDK. */
export class RekognitionError extends Error {
  readonly type: string;
  readonly status: number;
  constructor(type: string, message: string, status = 400) {
    super(message);
    this.type = type;
    this.status = status;
  }
}

export const invalidFormat = () =>
  new RekognitionError('InvalidImageFormatException', 'Request has invalid image format');
export const tooLarge = () => new RekognitionError('ImageTooLargeException', 'Image size is too large.');

/** What went wrong, as Rekognition says it. */
export function translate(error: unknown): RekognitionError {
  if (error instanceof RekognitionError) return error;
  if (error instanceof UnreadableImage) {
    // sharp's words for limitInputPixels.
    return /pixel limit/i.test(error.message) ? tooLarge() : invalidFormat();
  }
  if (error instanceof Busy)
    return new RekognitionError('ProvisionedThroughputExceededException', error.message);
  return new RekognitionError(
    'InternalServerError',
    error instanceof Error ? error.message : String(error),
    500,
  );
}

/** S3 and the JSON services name the same refusals differently. */
export function signatureError(code: string, message: string) {
  const names: Record<string, string> = {
    AccessDenied: 'MissingAuthenticationTokenException',
    InvalidAccessKeyId: 'UnrecognizedClientException',
    InvalidToken: 'UnrecognizedClientException',
    SignatureDoesNotMatch: 'InvalidSignatureException',
    RequestTimeTooSkewed: 'InvalidSignatureException',
  };
  return new RekognitionError(names[code] ?? 'IncompleteSignatureException', message);
}
