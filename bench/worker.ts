// One contestant in a process of its own, which does what it is asked (messages.ts) and counts the CPU time of it. Being alone it neither
// pays for another's garbage nor runs code that another has made slow; the server is in yet another process.
import { Session } from 'node:inspector/promises';

import type { Course, Entry, Send } from './contestant.js';
import type { Answer, Effort, Question, Task, Weight } from './messages.js';
import { isRight, stubFetch } from './stub.js';

const collectGarbage = globalThis.gc;
if (!collectGarbage) throw new Error('A worker needs --expose-gc.');

/** A round takes no longer than this many ms, waits included. */
const LONGEST_ROUND = 400;
/** So many turns of the microtask queue take any contestant from its first failure to its timer. */
const TURNS = 500;

let failing = false;
let sends: readonly Send[] = [];
let network: Task['network'] = 'none';

async function open(task: Task): Promise<void> {
  network = task.network;
  if (network !== 'server') globalThis.fetch = stubFetch(network, () => failing);
  const modules = (await import(new URL(`${task.module}.js`, import.meta.url).href)) as Readonly<Record<string, Entry>>;
  const entry = modules[task.entry];
  if (!entry) throw new Error(`${task.module} has no ${task.entry}.`);
  const course: Course = { dist: task.dist, wait: task.wait, failing: () => failing };
  sends = task.urls.map(await entry(course));
}

/** Makes that many requests: each lane one after another. */
function run(requests: number): Promise<void> {
  return new Promise((resolve, reject) => {
    let unsent = requests;
    let unanswered = requests;
    const failed = (error: unknown): void => {
      reject(asError(error));
    };
    const start = (send: Send): void => {
      if (unsent <= 0) return;
      unsent -= 1;
      send((value) => {
        if (!isRight(network, value)) failed(new Error(`The answer was ${String(value)}.`));
        unanswered -= 1;
        if (unanswered === 0) resolve();
        else start(send);
      }, failed);
    };
    sends.forEach(start);
  });
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error('Something else than an error was thrown.', { cause: error });
}

/** CPU time of this process in µs, its threads included. */
async function cpuOf(work: () => Promise<void>): Promise<number> {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return user + system;
}

/** Runs until the code is as fast as it gets, and says how many requests make a round. */
async function warmUp({ warmUp: [least, most], warmUpRequests, round }: Effort): Promise<number> {
  let spent = 0;
  let made = 0;
  for (let requests = sends.length; ;) {
    const before = performance.now();
    const cpu = (await cpuOf(() => run(requests))) / 1_000;
    const took = performance.now() - before;
    spent += cpu;
    made += requests;
    const inRound = Math.max(sends.length, Math.round(requests * Math.min(round / cpu, LONGEST_ROUND / took)));
    if ((spent >= least && made >= warmUpRequests) || spent >= most) return inRound;
    // Ever larger batches, but none larger than a round.
    requests = Math.min(requests * 2, inRound);
  }
}

/**
 * The CPU time per request, in µs. No garbage collection is asked for: it would also take away what optimized code relies upon, and the
 * contestant, being alone, pays for its own garbage anyway.
 */
async function measure(requests: number): Promise<number> {
  // While the others had their turns the processor's caches were theirs, and connections may have rested too long: at nobody's expense.
  await run(Math.max(2 * sends.length, Math.round(requests / 2)));
  return (await cpuOf(() => run(requests))) / requests;
}

/**
 * Has that many requests fail and wait, all at once, then answers them.
 *
 * @param atPeak - called when all of them wait; its CPU time does not count
 * @returns CPU time per request, in µs
 */
async function pend(requests: number, atPeak: () => void = () => undefined): Promise<number> {
  const [send] = sends;
  if (!send) throw new Error('There is nobody to send.');
  let ended = 0;
  let finish: (error?: unknown) => void = () => undefined;
  const all = new Promise<void>((resolve, reject) => {
    finish = (error) => {
      ended += 1;
      if (error !== undefined) reject(asError(error));
      else if (ended === requests) resolve();
    };
  });
  const done = (): void => {
    finish();
  };
  failing = true;
  const starting = await cpuOf(async () => {
    for (let started = 0; started < requests; started += 1) send(done, finish);
    // No timer fires before the event loop turns: so all of them come to wait, however long that takes.
    for (let turn = 0; turn < TURNS; turn += 1) await Promise.resolve();
  });
  failing = false;
  if (ended > 0) throw new Error(`${ended} of ${requests} requests did not wait.`);
  atPeak();
  return (starting + (await cpuOf(() => all))) / requests;
}

/** Few that wait, several times over: what each request took on the whole. */
async function pendRepeatedly(requests: number, times: number): Promise<number> {
  let sum = 0;
  for (let time = 0; time < times; time += 1) sum += await pend(requests);
  return sum / times;
}

/** What each of many waiting requests costs. */
async function weigh(requests: number): Promise<Weight> {
  collectGarbage?.();
  const before = process.memoryUsage().heapUsed;
  let heap = 0;
  const cpu = await pend(requests, () => {
    collectGarbage?.();
    heap = process.memoryUsage().heapUsed - before;
  });
  return { cpu, heap: heap / requests };
}

/** The profile of so many requests, without the warming up before them that `--cpu-prof` would show as well. */
async function profile(requests: number, interval: number): Promise<string> {
  const session = new Session();
  session.connect();
  await session.post('Profiler.enable');
  await session.post('Profiler.setSamplingInterval', { interval });
  await session.post('Profiler.start');
  await run(requests);
  const stopped = await session.post('Profiler.stop');
  session.disconnect();
  return JSON.stringify(stopped.profile);
}

/** A pass whose memory is all there has fewer page faults than this, for each of its requests. */
const FEW_FAULTS = 0.05;
/** The young generation has two halves, which take turns. */
const HALVES = 2;
const MOST_PASSES = 8;

/** Has many wait until the operating system has given all the memory for it, which on a virtual machine takes longer than anything else. */
async function settle(requests: number): Promise<void> {
  let settled = 0;
  for (let pass = 0; pass < MOST_PASSES && settled < HALVES; pass += 1) {
    collectGarbage?.();
    const { minorPageFault: before } = process.resourceUsage();
    await pend(requests);
    settled = process.resourceUsage().minorPageFault - before < requests * FEW_FAULTS ? settled + 1 : 0;
  }
}

async function answer(question: Question): Promise<Answer> {
  switch (question.type) {
    case 'open':
      await open(question.task);
      return { type: 'done' };
    case 'warm':
      return { type: 'warm', requests: await warmUp(question.effort) };
    case 'run':
      return { type: 'spent', cpu: await measure(question.requests) };
    case 'profile':
      return { type: 'profiled', profile: await profile(question.requests, question.interval) };
    case 'collect':
      collectGarbage?.();
      return { type: 'done' };
    case 'settle':
      await settle(question.requests);
      return { type: 'done' };
    case 'pend':
      return { type: 'spent', cpu: await pendRepeatedly(question.requests, question.times) };
    case 'weigh':
      return { type: 'weighed', ...(await weigh(question.requests)) };
  }
}

process.on('message', (question: Question) => {
  answer(question)
    .catch((error: unknown): Answer => ({
      type: 'failed',
      message: error instanceof Error ? (error.stack ?? error.message) : String(error),
    }))
    .then(
      (said) => process.send?.(said),
      () => undefined,
    );
});
// The one that started it has disconnected, or died.
process.on('disconnect', () => {
  process.exit();
});
