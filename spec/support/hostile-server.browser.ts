import type { HostileOptions, HostileRequest, ScenarioName } from './hostile-server.js';

// Specs may put a fetch of their own in its place.
const { fetch } = globalThis;

/** A scenario on a port of its own, of the hostile server that Karma's process runs. */
export interface RemotePlace {
  readonly url: string;
  requests(): Promise<readonly HostileRequest[]>;
  /** Resolves when no connection is open but those that rest after a whole answer. */
  quiet(): Promise<void>;
  close(): Promise<void>;
}

export async function hostilePlace(
  scenario: ScenarioName,
  { faults = Infinity }: HostileOptions = {},
): Promise<RemotePlace> {
  const { id, url } = (await ask('place', { scenario, faults: String(faults) })) as { id: number; url: string };
  const about = (question: string) => ask(question, { id: String(id) });
  return {
    url,
    requests: () => about('requests') as Promise<readonly HostileRequest[]>,
    quiet: async () => {
      await about('quiet');
    },
    close: async () => {
      await about('close');
    },
  };
}

async function ask(question: string, params: Record<string, string>): Promise<unknown> {
  const response = await fetch(`/__hostile/${question}?${new URLSearchParams(params).toString()}`);
  if (!response.ok) throw new Error(`The hostile server answered ${response.status} to ${response.url}`);
  return response.json();
}
