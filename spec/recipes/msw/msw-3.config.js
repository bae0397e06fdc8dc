import { defineConfig } from 'vitest/config';

// The same tests with msw 3.
export default defineConfig({
  resolve: { alias: [{ find: /^msw(?=\/|$)/, replacement: 'msw-3' }] },
  test: { env: { MSW: '3' } },
});
