import { useEffect, useState } from 'react';

/** An address of a photo for as long as it is shown. */
export function usePreview(photo: Blob | undefined): string | undefined {
  const [preview, setPreview] = useState<string>();
  useEffect(() => {
    if (!photo) return undefined;
    const url = URL.createObjectURL(photo);
    setPreview(url);
    return () => {
      setPreview(undefined);
      URL.revokeObjectURL(url);
    };
  }, [photo]);
  return preview;
}
