import react from '@vitejs/plugin-react';
import { defineConfig, type Plugin } from 'vite';

/** Where `npm run dev` finds the service; `npm start` at the root listens there. */
const service = 'http://localhost:8080';

export default defineConfig({
  plugins: [react(), preloadFonts()],
  server: {
    proxy: Object.fromEntries(
      ['/posts', '/labels', '/signedUrlPut', '/config', '/health'].map((path) => [path, service]),
    ),
  },
  build: {
    // One style sheet and no inlined assets: the Content-Security-Policy allows neither inline styles nor data: fonts.
    assetsInlineLimit: 0,
    cssCodeSplit: false,
    modulePreload: { polyfill: false },
  },
});

/** The two fonts of the first screen start loading with the page, not after its style sheet. */
function preloadFonts(): Plugin {
  return {
    name: 'preload-fonts',
    transformIndexHtml: {
      order: 'post',
      handler: (_html, { bundle }) =>
        Object.keys(bundle ?? {})
          .filter((file) => /-latin-wght-normal-.*\.woff2$/.test(file))
          .map((file) => ({
            tag: 'link',
            attrs: {
              rel: 'preload',
              as: 'font',
              type: 'font/woff2',
              crossorigin: true,
              // Words can be read without them: they never hold up a photo.
              fetchpriority: 'low',
              href: `/${file}`,
            },
            injectTo: 'head',
          })),
    },
  };
}
