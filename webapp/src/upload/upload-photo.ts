import { PHOTO_TYPE, type SignedUpload } from '../api.ts';
import { ApiError, lost } from '../call.ts';

/**
 * Sends a photo straight to the bucket. XMLHttpRequest, because fetch reports no upload progress.
 * @param onProgress called with the share sent, 0 to 1
 */
export function uploadPhoto(
  signed: SignedUpload,
  photo: Blob,
  onProgress: (share: number) => void,
  signal: AbortSignal,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open(signed.method, signed.uploadURL);
    // The browser itself sets the content-length.
    request.setRequestHeader('content-type', PHOTO_TYPE);
    request.upload.addEventListener('progress', (event) => {
      if (event.lengthComputable) onProgress(event.loaded / event.total);
    });
    request.addEventListener('load', () => {
      if (request.status >= 200 && request.status < 300) resolve();
      else reject(new ApiError('bucket', request.status));
    });
    request.addEventListener('error', () => reject(lost()));
    request.addEventListener('abort', () => reject(new ApiError('aborted')));
    signal.addEventListener('abort', () => request.abort(), { once: true });
    if (signal.aborted) reject(new ApiError('aborted'));
    else request.send(photo);
  });
}
