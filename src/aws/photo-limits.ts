/** Bytes. Rekognition takes 15 MB of an S3 object: https://docs.aws.amazon.com/rekognition/latest/dg/limits.html */
export const MAX_PHOTO_BYTES = 15 * 1024 * 1024;
