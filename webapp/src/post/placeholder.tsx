import { useCallback } from 'react';
import { thumbHashToRGBA } from 'thumbhash';

/** What a photo looks like from afar, until it is there. */
export function Placeholder({ thumbhash }: { thumbhash: string }) {
  const ref = useCallback((canvas: HTMLCanvasElement | null) => paint(canvas, thumbhash), [thumbhash]);
  return <canvas className="placeholder" aria-hidden="true" ref={ref} />;
}

/** On a canvas, because the page's policy allows no data: addresses. */
function paint(canvas: HTMLCanvasElement | null, thumbhash: string) {
  const context = canvas?.getContext('2d');
  if (!canvas || !context) return;
  try {
    const { w, h, rgba } = thumbHashToRGBA(Uint8Array.from(atob(thumbhash), (it) => it.charCodeAt(0)));
    canvas.width = w;
    canvas.height = h;
    context.putImageData(new ImageData(new Uint8ClampedArray(rgba), w, h), 0, 0);
  } catch {
    // It is no ThumbHash: the tint of the stamp is what there is.
  }
}
