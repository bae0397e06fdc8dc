/** What of a `.cpuprofile` is read here. @see https://chromedevtools.github.io/devtools-protocol/tot/Profiler/#type-Profile */
export interface Profile {
  readonly nodes: readonly {
    readonly id: number;
    readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number };
  }[];
  /** The node that was on top at each sample. */
  readonly samples: readonly number[];
  /** The µs before each sample. */
  readonly timeDeltas: readonly number[];
}

/** A function, and the time in which it was on top of the stack. */
export interface SelfTime {
  readonly name: string;
  /** File and line, as short as can be understood. */
  readonly where: string;
  /** Of all but idle time, from 0 to 1. */
  readonly share: number;
}

/** What does not count: nothing runs. */
const IDLE = new Set(['(idle)', '(root)']);

/** Functions by the time in which they were on top of the stack, the longest first. */
export function selfTimes({ nodes, samples, timeDeltas }: Profile): SelfTime[] {
  const byId = new Map(nodes.map((node) => [node.id, node.callFrame]));
  const times = new Map<string, { name: string; where: string; time: number }>();
  let all = 0;
  for (const [index, id] of samples.entries()) {
    const frame = byId.get(id);
    if (!frame || IDLE.has(frame.functionName)) continue;
    const time = timeDeltas[index] ?? 0;
    all += time;
    const name = frame.functionName === '' ? '(anonymous)' : frame.functionName;
    const where = placeOf(frame);
    const key = `${name} ${where}`;
    const entry = times.get(key) ?? { name, where, time: 0 };
    times.set(key, entry);
    entry.time += time;
  }
  return [...times.values()]
    .sort((one, other) => other.time - one.time)
    .map(({ name, where, time }) => ({ name, where, share: all > 0 ? time / all : 0 }));
}

/** From the last folder that says whose file it is: a package's, ours, or Node's own. */
function placeOf({ url, lineNumber }: { readonly url: string; readonly lineNumber: number }): string {
  if (url === '') return '';
  const short =
    /(?:.*\/node_modules\/|.*\/(?=(?:dist|bench)\/)|^file:\/\/)?(?<path>.*)$/.exec(url)?.groups?.path ?? url;
  return `${short}:${lineNumber + 1}`;
}
