import { createTestServerApi, type LogAccess, type Origins, type TestServer } from './test-server-api.js';

export type { TestServer } from './test-server-api.js';
export type { Echo, LoggedRequest, Step } from './script.js';

// Kept here, because specs may replace the global fetch.
const { fetch } = globalThis;

/** Returns the test server that runs in Karma's process: see `karma-server.ts`. */
export async function testServer(): Promise<TestServer> {
  return createTestServerApi((await ask('origins')) as Origins, remoteLog);
}

const remoteLog = {
  requests: (key) => ask('requests', { key }),
  when: (key, number, stage) => ask(stage, { key, number: String(number) }),
  cut: (key, number) => ask('cut', { key, number: String(number) }),
  close: () => Promise.resolve(),
} as LogAccess;

async function ask(question: string, params: Record<string, string> = {}): Promise<unknown> {
  const response = await fetch(`/__log/${question}?${new URLSearchParams(params).toString()}`);
  if (!response.ok) throw new Error(`the test server answered ${String(response.status)} to ${response.url}`);
  return response.json();
}
