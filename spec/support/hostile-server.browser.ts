import type { HostileOptions, HostileRequest, ScenarioName } from './hostile-server.js';

// Kept here, because specs may replace the global fetch.
const { fetch } = globalThis;

/** A scenario on a port of its own. Its server runs in Karma's process. */
export interface RemoteHostilePort {
  readonly url: string;
  requests(): Promise<readonly HostileRequest[]>;
  /** Resolves when all open connections are idle after a complete answer. */
  quiet(): Promise<void>;
  close(): Promise<void>;
}

/** Opens a port of the hostile server with this scenario. */
export async function openHostilePort(
  scenario: ScenarioName,
  { faults = Infinity }: HostileOptions = {},
): Promise<RemoteHostilePort> {
  const { id, url } = (await ask('open', { scenario, faults: String(faults) })) as { id: number; url: string };
  const askPort = (question: string) => ask(question, { id: String(id) });
  return {
    url,
    requests: () => askPort('requests') as Promise<readonly HostileRequest[]>,
    quiet: async () => {
      await askPort('quiet');
    },
    close: async () => {
      await askPort('close');
    },
  };
}

async function ask(question: string, params: Record<string, string>): Promise<unknown> {
  const response = await fetch(`/__hostile/${question}?${new URLSearchParams(params).toString()}`);
  if (!response.ok) throw new Error(`the hostile server answered ${response.status} to ${response.url}`);
  return response.json();
}
