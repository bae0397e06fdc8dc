import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    projects: [
      { test: { name: 'node', environment: 'node' } },
      { test: { name: 'jsdom', environment: 'jsdom' } },
      {
        test: {
          name: 'happy-dom',
          environment: 'happy-dom',
          // happy-dom's fetch applies CORS, as a browser's does.
          environmentOptions: { happyDOM: { settings: { fetch: { disableSameOriginPolicy: true } } } },
        },
      },
    ],
  },
});
