/**
 * The fields of a `.cpuprofile` that {@link selfTimes} reads.
 *
 * @see https://chromedevtools.github.io/devtools-protocol/tot/Profiler/#type-Profile
 */
export interface Profile {
  readonly nodes: readonly {
    readonly id: number;
    readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number };
  }[];
  /** The id of the node on top of the stack, for each sample. */
  readonly samples: readonly number[];
  /** The time before each sample, in µs. */
  readonly timeDeltas: readonly number[];
}

/** A function, and the share of time in which it was on top of the stack. */
export interface SelfTime {
  readonly name: string;
  /** The file and line, shortened by {@link locationOf}. */
  readonly location: string;
  /** The share of the time that is not idle, from 0 to 1. */
  readonly share: number;
}

/** Names of nodes that stand for idle time. */
const IDLE = new Set(['(idle)', '(root)']);

/** Returns all functions with their self time, the longest first. */
export function selfTimes({ nodes, samples, timeDeltas }: Profile): SelfTime[] {
  const byId = new Map(nodes.map((node) => [node.id, node.callFrame]));
  const times = new Map<string, { name: string; location: string; time: number }>();
  let total = 0;
  for (const [index, id] of samples.entries()) {
    const callFrame = byId.get(id);
    if (!callFrame || IDLE.has(callFrame.functionName)) continue;
    const time = timeDeltas[index] ?? 0;
    total += time;
    const name = callFrame.functionName === '' ? '(anonymous)' : callFrame.functionName;
    const location = locationOf(callFrame);
    const key = `${name} ${location}`;
    const selfTime = times.get(key) ?? { name, location, time: 0 };
    times.set(key, selfTime);
    selfTime.time += time;
  }
  return [...times.values()]
    .sort((one, other) => other.time - one.time)
    .map(({ name, location, time }) => ({ name, location, share: total > 0 ? time / total : 0 }));
}

/**
 * Shortens a URL to begin at the package in node_modules, or at our dist/ or bench/; names of Node's modules stay as
 * they are.
 */
function locationOf({ url, lineNumber }: { readonly url: string; readonly lineNumber: number }): string {
  if (url === '') return '';
  const short =
    /(?:.*\/node_modules\/|.*\/(?=(?:dist|bench)\/)|^file:\/\/)?(?<path>.*)$/.exec(url)?.groups?.path ?? url;
  return `${short}:${lineNumber + 1}`;
}
