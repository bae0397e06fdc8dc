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

import { equalJitter, exponential, RetryClient } from '../../index.js';
import { wrapWords } from '../format.js';
import { definedSize, showAttempts, type Screen } from '../screen/show-attempts.js';
import { applyEvent, type Waterfall } from '../screen/waterfall.js';
import { termination$ } from '../failures/termination.js';
import { toDemoResult, type DemoResult } from './demo-result.js';
import { DEMO_SCENES, type Scene, type SceneRequest } from './demo-scenes.js';
import { startDemoServers, type DemoServers } from './demo-servers.js';
import { formatDemoTable } from './demo-table.js';
import { seededRandom } from '../options/seeded-random.js';

// So that there is time to read what is about to be seen.
const READING_PAUSE_MS = 700;

/**
 * Shows the client at work against two servers on this machine. Resolves with 0 if every request ended as it should, with 1 if not, or with
 * the code of the signal that ended it.
 */
export async function runDemo(screen: Screen): Promise<number> {
  const servers = await startDemoServers();
  const client = new RetryClient({
    baseUrl: [servers.primary, servers.mirror],
    timeout: 500,
    // Seeded, so that every run tells the same story.
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
    const good = results.every(({ expected }) => expected === undefined) && servers.orders.length === 2;
    screen.write(`\n${formatDemoTable(results, definedSize(screen.columns) ?? 120)}\n${outro(servers, results, good)}\n`);
    return good ? 0 : 1;
  } finally {
    client.close();
    await servers.close();
  }
}

/** A process's first request takes longer than others, on a busy machine longer than the demo's timeout: the story would be another. */
async function warmUp({ primary, mirror }: DemoServers): Promise<void> {
  await Promise.all([primary, mirror].map(async (url) => (await fetch(url)).arrayBuffer()));
}

function intro({ primary, mirror }: DemoServers): string {
  return `Two servers run on this machine, and one client asks them in turn:\n  ${primary}  the primary, which fails\n  ${mirror}  the mirror, which mostly works\n`;
}

function outro({ orders }: DemoServers, results: readonly DemoResult[], good: boolean): string {
  const surprises = results.flatMap(({ label, expected }) =>
    expected === undefined ? [] : [`${label}: expected ${expected}\n`],
  );
  return `${surprises.join('')}${orders.length} orders arrived, in 3 messages. ${good ? 'All went as it should.' : 'Not all went as it should.'}`;
}

/** Sends a scene's requests at the same time and shows their attempts; emits the results when the last of them has ended. */
function playScene(
  number: number,
  { story, requests }: Scene,
  client: RetryClient,
  screen: Screen,
): Observable<readonly DemoResult[]> {
  return defer(() => {
    screen.write(`\n${wrapWords(`${number}. ${story}`, Math.min(definedSize(screen.columns) ?? 80, 100)).join('\n')}\n`);
    const display = showAttempts(screen);
    let waterfall: Waterfall = [];
    const subscription = client.attempts$.pipe(tap((event) => (waterfall = applyEvent(waterfall, event)))).subscribe(display);
    return timer(screen.isTTY === true ? READING_PAUSE_MS : 0).pipe(
      concatMap(() => forkJoin(requests.map((request) => sendForBody(request, client)))),
      map((bodies) => {
        // The requests were subscribed to in order, and so they began.
        return requests.map((request, i) => toDemoResult(request, waterfall[i], bodies[i]));
      }),
      // Behind all that, so that requests that are ended amid the scene have been cancelled, and are shown so.
      finalize(() => {
        subscription.unsubscribe();
        display.complete();
      }),
    );
  });
}

/** The JSON that came, or `undefined` where the request failed: the attempts tell why. */
function sendForBody(request: SceneRequest, client: RetryClient): Observable<unknown> {
  return request.send(client).pipe(
    concatMap((response) => response.json() as Promise<unknown>),
    catchError(() => of(undefined)),
  );
}
