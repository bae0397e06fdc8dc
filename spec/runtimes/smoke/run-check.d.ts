import type { TestServer } from '../../support/test-server-api.js';

export const checks: Readonly<Record<string, unknown>>;
export const pairedChecks: readonly string[];
export function runCheck(
  name: string,
  makeServer: () => TestServer | Promise<TestServer>,
  load: (entry: string) => Promise<unknown>,
  part?: number,
): Promise<string | undefined>;
