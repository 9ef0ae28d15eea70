import PhotoSwipe, { type SlideData } from 'photoswipe';
import 'photoswipe/style.css';
import './lightbox.css';

/** A photo as it is shown alone. Its size is that of its largest rendition, in pixels. */
export type Slide = {
  /** The bare id of its post. */
  id: string;
  title: string;
  alt: string;
  src: string;
  srcset: string;
  width: number;
  height: number;
};

export type Words = Record<'close' | 'zoom' | 'previous' | 'next' | 'broken', string>;

/** Photos on each side that are loaded ahead. */
const AHEAD = 1;
/** Milliseconds. While it opens it takes no keys. */
const FADE = 120;
/** Photos from the last one at which more are asked for. */
const NEAR = 3;

/**
 * Shows photos alone, one at a time: zoom, pinch, arrows, swipe, Esc.
 * @param options.onTurn another photo is shown
 * @param options.onNear the last ones are near
 * @param options.onClose it closes, whoever closed it
 */
export function openViewer(
  slides: readonly Slide[],
  id: string,
  options: { words: Words; onTurn: (id: string) => void; onNear: () => void; onClose: () => void },
) {
  const { words, onTurn, onNear, onClose } = options;
  const shown = [...slides];
  const at = (index: number) => shown[index];
  const viewer = new PhotoSwipe({
    // The viewer reads it anew each time: what is added to it is there.
    dataSource: shown satisfies SlideData[],
    index: Math.max(0, indexOf(id)),
    loop: false,
    bgOpacity: 0.94,
    preload: [AHEAD, AHEAD],
    showHideAnimationType: 'fade',
    showAnimationDuration: FADE,
    hideAnimationDuration: FADE,
    closeTitle: words.close,
    zoomTitle: words.zoom,
    arrowPrevTitle: words.previous,
    arrowNextTitle: words.next,
    errorMsg: words.broken,
    counter: false,
  });
  viewer.on('uiRegister', () => {
    viewer.ui?.registerElement({
      name: 'caption',
      order: 9,
      isButton: false,
      appendTo: 'root',
      onInit: (caption) => {
        caption.dir = 'auto';
        viewer.on('change', () => {
          caption.textContent = at(viewer.currIndex)?.title ?? '';
        });
      },
    });
  });
  viewer.on('change', () => {
    const slide = at(viewer.currIndex);
    if (!slide) return;
    viewer.element?.setAttribute('aria-label', slide.title);
    onTurn(slide.id);
    if (viewer.currIndex >= shown.length - NEAR) onNear();
  });
  viewer.on('bindEvents', () => viewer.element?.setAttribute('aria-modal', 'true'));
  viewer.on('close', onClose);
  viewer.init();

  return {
    /** Photos that have come since: older ones follow. Newer ones would push those that are looked at aside. */
    add(more: readonly Slide[]) {
      const last = shown.at(-1)?.id ?? '';
      shown.push(...more.filter((slide) => slide.id < last));
    },

    /** Goes to a photo, if it is not there already. */
    show(wanted: string) {
      const index = indexOf(wanted);
      if (index !== -1 && index !== viewer.currIndex) viewer.goTo(index);
    },

    close: () => viewer.close(),
  };

  function indexOf(wanted: string): number {
    return shown.findIndex((slide) => slide.id === wanted);
  }
}

export type Viewer = ReturnType<typeof openViewer>;
