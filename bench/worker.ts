// One subject in a process of its own: executes the commands of messages.ts, and measures their CPU time. In a shared
// process, a subject would also pay for the garbage of others, and run code of RxJS that others have deoptimized. The
// server has another process.
import { Session } from 'node:inspector/promises';

import type { Effort, PendingCost, Task, WorkerCommand, WorkerReply } from './messages.js';
import { isExpectedValue, stubFetch } from './stub.js';
import type { BenchContext, Entry, Send } from './subject.js';

const collectGarbage = globalThis.gc;
if (!collectGarbage) throw new Error('a worker needs the flag --expose-gc');

/** The longest round in ms, waits included. */
const MAX_ROUND_MS = 400;
/** Enough turns of the microtask queue for every subject to get from its first failure to its timer. */
const MICROTASK_TURNS = 500;

let isFailing = false;
let sends: readonly Send[] = [];
let network: Task['network'] = 'none';

async function openTask(task: Task): Promise<void> {
  network = task.network;
  if (network !== 'server') globalThis.fetch = stubFetch(network, () => isFailing);
  const module = (await import(new URL(`${task.module}.js`, import.meta.url).href)) as Readonly<Record<string, Entry>>;
  const entry = module[task.entry];
  if (!entry) throw new Error(`${task.module} does not export "${task.entry}"`);
  const context: BenchContext = { dist: task.dist, delay: task.delay, isFailing: () => isFailing };
  sends = task.urls.map(await entry(context));
}

/** Sends this number of requests in total. Each sequence sends one request after another. */
function sendAll(requests: number): Promise<void> {
  return new Promise((resolve, reject) => {
    let unsent = requests;
    let unanswered = requests;
    const onError = (error: unknown): void => {
      reject(asError(error));
    };
    const start = (send: Send): void => {
      if (unsent <= 0) return;
      unsent -= 1;
      send((value) => {
        if (!isExpectedValue(network, value)) onError(new Error(`unexpected result ${String(value)}`));
        unanswered -= 1;
        if (unanswered === 0) resolve();
        else start(send);
      }, onError);
    };
    sends.forEach(start);
  });
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error('a value that is not an Error was thrown', { cause: error });
}

/** Returns the CPU time in µs of this process while `work` runs, all its threads included. */
async function cpuOf(work: () => Promise<void>): Promise<number> {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return user + system;
}

/** Sends requests until V8 has optimized the code, and returns the number of requests in a round. */
async function warmUp({ warmUpMs: [minMs, maxMs], warmUpRequests, roundMs }: Effort): Promise<number> {
  let spent = 0;
  let sent = 0;
  for (let requests = sends.length; ;) {
    const startedAt = performance.now();
    const cpu = (await cpuOf(() => sendAll(requests))) / 1_000;
    const elapsed = performance.now() - startedAt;
    spent += cpu;
    sent += requests;
    const requestsPerRound = Math.max(
      sends.length,
      Math.round(requests * Math.min(roundMs / cpu, MAX_ROUND_MS / elapsed)),
    );
    if ((spent >= minMs && sent >= warmUpRequests) || spent >= maxMs) return requestsPerRound;
    requests = Math.min(requests * 2, requestsPerRound);
  }
}

/**
 * Returns the CPU time per request, in µs. It forces no garbage collection, which would also remove data that optimized
 * code depends on. The garbage counts anyway: it is the subject's own, since the subject is alone in the process.
 */
async function measure(requests: number): Promise<number> {
  // Fills the processor's caches, which other subjects have used since, and replaces connections that were idle too
  // long. Not measured.
  await sendAll(Math.max(2 * sends.length, Math.round(requests / 2)));
  return (await cpuOf(() => sendAll(requests))) / requests;
}

/**
 * Lets this number of requests fail and wait at once, then lets them succeed.
 *
 * @param atPeak - called while all of them wait; its CPU time does not count
 * @returns the CPU time per request, in µs
 */
async function measurePending(requests: number, atPeak: () => void = () => undefined): Promise<number> {
  const [send] = sends;
  if (!send) throw new Error('no task is open');
  let ended = 0;
  let onEnd: (error?: unknown) => void = () => undefined;
  const all = new Promise<void>((resolve, reject) => {
    onEnd = (error) => {
      ended += 1;
      if (error !== undefined) reject(asError(error));
      else if (ended === requests) resolve();
    };
  });
  const onDone = (): void => {
    onEnd();
  };
  isFailing = true;
  const starting = await cpuOf(async () => {
    for (let started = 0; started < requests; started += 1) send(onDone, onEnd);
    // Microtasks run before any timer, so every request reaches its wait, however long that takes.
    for (let turn = 0; turn < MICROTASK_TURNS; turn += 1) await Promise.resolve();
  });
  isFailing = false;
  if (ended > 0) throw new Error(`${ended} of ${requests} requests did not wait`);
  atPeak();
  return (starting + (await cpuOf(() => all))) / requests;
}

/** Returns the CPU time per request in µs, as the mean of `times` repetitions. */
async function measurePendingRepeatedly(requests: number, times: number): Promise<number> {
  let sum = 0;
  for (let time = 0; time < times; time += 1) sum += await measurePending(requests);
  return sum / times;
}

/** Returns the cost of each of these requests while they wait. */
async function measurePendingCost(requests: number): Promise<PendingCost> {
  collectGarbage?.();
  const before = process.memoryUsage().heapUsed;
  let heap = 0;
  const cpu = await measurePending(requests, () => {
    collectGarbage?.();
    heap = process.memoryUsage().heapUsed - before;
  });
  return { cpu, heap: heap / requests };
}

/** Returns a CPU profile of these requests alone. `--cpu-prof` would include the warm-up. */
async function profile(requests: number, interval: number): Promise<string> {
  const session = new Session();
  session.connect();
  await session.post('Profiler.enable');
  await session.post('Profiler.setSamplingInterval', { interval });
  await session.post('Profiler.start');
  await sendAll(requests);
  const stopped = await session.post('Profiler.stop');
  session.disconnect();
  return JSON.stringify(stopped.profile);
}

/** The most page faults per request of a pass that needed no new memory from the operating system. */
const MAX_FAULTS_PER_REQUEST = 0.05;
/** V8 uses the two halves of its young generation in turn, so both must have their memory. */
const SEMI_SPACES = 2;
const MAX_PASSES = 8;

/**
 * Lets requests wait until the process has all its memory: on a virtual machine, page faults cost more than the
 * requests.
 */
async function settleMemory(requests: number): Promise<void> {
  let settled = 0;
  for (let pass = 0; pass < MAX_PASSES && settled < SEMI_SPACES; pass += 1) {
    collectGarbage?.();
    const { minorPageFault: before } = process.resourceUsage();
    await measurePending(requests);
    settled = process.resourceUsage().minorPageFault - before < requests * MAX_FAULTS_PER_REQUEST ? settled + 1 : 0;
  }
}

async function execute(command: WorkerCommand): Promise<WorkerReply> {
  switch (command.type) {
    case 'open':
      await openTask(command.task);
      return { type: 'done' };
    case 'warm-up':
      return { type: 'warmed-up', requests: await warmUp(command.effort) };
    case 'measure':
      return { type: 'cpu', cpu: await measure(command.requests) };
    case 'profile':
      return { type: 'profile', profile: await profile(command.requests, command.interval) };
    case 'collect-garbage':
      collectGarbage?.();
      return { type: 'done' };
    case 'settle-memory':
      await settleMemory(command.requests);
      return { type: 'done' };
    case 'measure-pending':
      return { type: 'cpu', cpu: await measurePendingRepeatedly(command.requests, command.times) };
    case 'measure-pending-cost':
      return { type: 'pending-cost', ...(await measurePendingCost(command.requests)) };
  }
}

process.on('message', (command: WorkerCommand) => {
  execute(command)
    .catch((error: unknown): WorkerReply => ({
      type: 'failed',
      message: error instanceof Error ? (error.stack ?? error.message) : String(error),
    }))
    .then(
      (reply) => process.send?.(reply),
      () => undefined,
    );
});
// The parent process has disconnected or ended.
process.on('disconnect', () => {
  process.exit();
});
