import { useEffect, useRef } from 'react';
import { useLocation } from 'wouter';
import { useServices } from '../services.ts';
import { screenStart } from './pass-focus.ts';

/**
 * On a new screen the reader starts at its top, and so does the keyboard and the screen reader: at its heading. Going
 * back is left to the browser, and to the list, which know where the reader was.
 */
export function useRouteFocus() {
  const { places } = useServices();
  const [location] = useLocation();
  const shown = useRef(location);
  useEffect(() => {
    if (shown.current === location) return;
    shown.current = location;
    if (places.isBack()) return;
    window.scrollTo({ top: 0, behavior: 'instant' });
    screenStart()?.focus({ preventScroll: true });
  }, [location, places]);
}
