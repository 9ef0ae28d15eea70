import react from '@vitejs/plugin-react';
import { defineConfig, type Plugin } from 'vite';

/** Where `npm run dev` finds the service; `npm start` at the root listens there. */
const service = 'http://localhost:8080';

export default defineConfig({
  plugins: [react(), preloadFont()],
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

/**
 * The font of the text starts loading with the page, not after its style sheet. That of postmarks and labels does not: on a slow line it
 * would take its share from the photos.
 */
function preloadFont(): Plugin {
  return {
    name: 'preload-font',
    transformIndexHtml: {
      order: 'post',
      handler: (_html, { bundle }) =>
        Object.keys(bundle ?? {})
          .filter((file) => /bricolage-grotesque-latin-wght-normal-.*\.woff2$/.test(file))
          .map((file) => ({
            tag: 'link',
            attrs: {
              rel: 'preload',
              as: 'font',
              type: 'font/woff2',
              crossorigin: true,
              // Words can be read without it.
              fetchpriority: 'low',
              href: `/${file}`,
            },
            injectTo: 'head',
          })),
    },
  };
}
