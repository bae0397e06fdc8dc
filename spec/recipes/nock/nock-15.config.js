import { defineConfig } from 'vitest/config';

// The same tests with the next version.
export default defineConfig({
  resolve: { alias: { nock: 'nock-15' } },
  test: { env: { NOCK: '15' } },
});
