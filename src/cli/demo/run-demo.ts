import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

import {
  catchError,
  concatMap,
  defer,
  finalize,
  forkJoin,
  from,
  lastValueFrom,
  map,
  of,
  takeUntil,
  tap,
  timer,
  toArray,
  type Observable,
} from 'rxjs';

import { HarRecorder } from '../../har/index.js';
import { equalJitter, exponential, RetryClient } from '../../index.js';
import { safeText } from '../../util/safe-text.js';
import { seededRandom } from '../../util/seeded-random.js';
import { waterfallPage } from '../../waterfall/index.js';
import { termination$ } from '../failures/termination.js';
import { wrapWords } from '../format.js';
import { definedSize, type Screen } from '../screen/screen.js';
import { showAttempts } from '../screen/show-attempts.js';
import { applyEvent, type Waterfall } from '../screen/waterfall.js';
import { toDemoResult, type DemoResult } from './demo-result.js';
import { DEMO_SCENES, type Scene, type SceneRequest } from './demo-scenes.js';
import { startDemoServers, type DemoServers } from './demo-servers.js';
import { formatDemoTable } from './demo-table.js';

// Gives a reader time for the story before its waterfall is drawn.
const READING_PAUSE_MS = 700;

/**
 * Runs the demo: sends requests to two servers on this machine and shows their attempts.
 *
 * @returns The exit code: 0 if every request ended as expected, 1 if not, or the code of the signal that ended it.
 */
export async function runDemo(screen: Screen): Promise<number> {
  const servers = await startDemoServers();
  const recorder = new HarRecorder();
  const client = new RetryClient({
    ...recorder.options,
    baseUrl: [servers.primary, servers.mirror],
    timeout: 500,
    // With a seed, every run has the same waits.
    strategy: { backoff: equalJitter(exponential({ initial: 200 })), random: seededRandom(1) },
  });
  try {
    screen.write(intro(servers));
    await warmUp(servers);
    let terminated: number | undefined;
    const results$ = from(DEMO_SCENES.entries()).pipe(
      concatMap(([i, scene]) => playScene(i + 1, scene, client, screen)),
      takeUntil(termination$.pipe(tap((code) => (terminated = code)))),
      toArray(),
    );
    const results = (await lastValueFrom(results$, { defaultValue: [] })).flat();
    if (terminated !== undefined) return terminated;
    const isAsExpected = results.every(({ expected }) => expected === undefined) && servers.orders.length === 2;
    screen.write(
      `\n${formatDemoTable(results, definedSize(screen.columns) ?? 120)}\n${outro(servers, results, isAsExpected)}\n`,
    );
    screen.write(await writePage(recorder));
    return isAsExpected ? 0 : 1;
  } finally {
    client.close();
    await servers.close();
  }
}

/** Writes the run as a page, into a folder of its own; returns what to say of it. */
async function writePage(recorder: HarRecorder): Promise<string> {
  try {
    const path = join(await mkdtemp(join(tmpdir(), 'rxjs-retry-client-')), 'demo.html');
    await writeFile(path, waterfallPage(recorder));
    return `\nThe same as a page, which a browser opens:\n  ${pathToFileURL(path).href}\n`;
  } catch (error) {
    // The demo is what was asked for.
    return `\nThe page of this run could not be written: ${safeText(String(error))}\n`;
  }
}

/**
 * Sends a first request to each server.
 *
 * The first request of a process takes longer. On a busy machine it would exceed the demo's timeout.
 */
async function warmUp({ primary, mirror }: DemoServers): Promise<void> {
  await Promise.all([primary, mirror].map(async (url) => (await fetch(url)).arrayBuffer()));
}

function intro({ primary, mirror }: DemoServers): string {
  return `Two servers run on this machine, and one client asks them in turn:\n  ${primary}  the primary, which fails\n  ${mirror}  the mirror, which mostly works\n`;
}

function outro({ orders }: DemoServers, results: readonly DemoResult[], isAsExpected: boolean): string {
  const deviations = results.flatMap(({ label, expected }) =>
    expected === undefined ? [] : [`${label}: expected ${expected}\n`],
  );
  return `${deviations.join('')}${orders.length} orders arrived, in 3 attempts. ${isAsExpected ? 'All requests ended as expected.' : 'Not all requests ended as expected.'}`;
}

/** Sends a scene's requests concurrently and shows their attempts. Emits the results when all requests have ended. */
function playScene(
  number: number,
  { story, requests }: Scene,
  client: RetryClient,
  screen: Screen,
): Observable<readonly DemoResult[]> {
  return defer(() => {
    screen.write(
      `\n${wrapWords(`${number}. ${story}`, Math.min(definedSize(screen.columns) ?? 80, 100)).join('\n')}\n`,
    );
    const display = showAttempts(screen);
    let waterfall: Waterfall = [];
    const subscription = client.attempts$
      .pipe(tap((event) => (waterfall = applyEvent(waterfall, event))))
      .subscribe(display);
    return timer(screen.isTTY === true ? READING_PAUSE_MS : 0).pipe(
      concatMap(() => forkJoin(requests.map((request) => fetchJson(request, client)))),
      map((bodies) => {
        // forkJoin subscribes in order, so the waterfall has the requests in the same order.
        return requests.map((request, i) => toDemoResult(request, waterfall[i], bodies[i]));
      }),
      // At the end of the chain: if a signal ends the scene, its requests are cancelled first, and shown as cancelled.
      finalize(() => {
        subscription.unsubscribe();
        display.complete();
      }),
    );
  });
}

/** Sends a request and emits its JSON body, or `undefined` if it fails. The display shows the failure. */
function fetchJson(request: SceneRequest, client: RetryClient): Observable<unknown> {
  return request.send(client).pipe(
    concatMap((response) => response.json() as Promise<unknown>),
    catchError(() => of(undefined)),
  );
}
