import { defineConfig } from 'vitest/config';

// The same tests with nock 15.
export default defineConfig({
  resolve: { alias: { nock: 'nock-15' } },
  test: { env: { NOCK: '15' } },
});
