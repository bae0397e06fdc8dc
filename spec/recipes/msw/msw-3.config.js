import { defineConfig } from 'vitest/config';

// The same tests with the next version.
export default defineConfig({
  resolve: { alias: [{ find: /^msw(?=\/|$)/, replacement: 'msw-3' }] },
  test: { env: { MSW: '3' } },
});
