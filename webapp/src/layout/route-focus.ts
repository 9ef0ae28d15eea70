import { useEffect, useRef } from 'react';
import { useLocation } from 'wouter';
import { screenStart } from './pass-focus.ts';

/**
 * On a new screen the reader starts at its top, and so does the keyboard and the screen reader: at its heading. Going
 * back is left to the browser, which knows where the reader was.
 */
export function useRouteFocus() {
  const [location] = useLocation();
  const shown = useRef(location);
  const back = useRef(false);
  useEffect(() => {
    const note = () => {
      back.current = true;
    };
    window.addEventListener('popstate', note);
    return () => window.removeEventListener('popstate', note);
  }, []);
  useEffect(() => {
    if (shown.current === location) return;
    shown.current = location;
    if (!back.current) {
      window.scrollTo({ top: 0, behavior: 'instant' });
      screenStart()?.focus({ preventScroll: true });
    }
    back.current = false;
  }, [location]);
}
