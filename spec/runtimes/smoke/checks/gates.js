import { firstValueFrom, tap, timer } from 'rxjs';
import {
  bearerToken,
  circuitBreaker,
  concurrencyLimit,
  constant,
  hedging,
  rateLimit,
  retryBudget,
  RetryClient,
  serverLimit,
  text,
  whenOnline,
} from 'rxjs-retry-client';

import { equal, ok, rejects } from '../expect.js';

const get = (client, url, options) => firstValueFrom(client.get(url, { ...options, selector: text() }));

/** Gates, and a client, that all requests to this process share. In workerd that is the global scope, which has neither timers nor I/O. */
const shared = {
  limit: concurrencyLimit({ max: 1, maxWait: 5_000 }),
  rate: rateLimit({ permits: 10, burst: 1, maxWait: 5_000 }),
  breaker: circuitBreaker({ minimumThroughput: 2, breakDuration: 150 }),
  server: serverLimit(),
};
const withGate = (gate) => new RetryClient({ strategy: { gates: [gate], attempts: 3, backoff: constant(1) } });
const sharedClients = Object.fromEntries(Object.entries(shared).map(([name, gate]) => [name, withGate(gate)]));

export const gates = {
  'retryBudget: rejects retries beyond it': async ({ serve, client }) => {
    const { url, requests } = serve({ status: 503 });
    const budget = retryBudget({ ratio: 0, minPerSecond: 0 });
    const error = await rejects(get(client.extend({ strategy: { gates: [budget] } }), url), 'HttpStatusError');
    equal([error.reason, (await requests()).length], ['rejected', 1]);
  },
  'circuitBreaker: rejects while it is open': async ({ serve, client }) => {
    const { url, requests } = serve({ status: 503 });
    const breaker = circuitBreaker({ minimumThroughput: 2, breakDuration: 60_000 });
    const own = client.extend({ strategy: { gates: [breaker], attempts: 1 } });
    await rejects(get(own, url), 'HttpStatusError');
    await rejects(get(own, url), 'HttpStatusError');
    await rejects(get(own, url), 'GateRejectedError');
    equal((await requests()).length, 2);
  },
  'concurrencyLimit: one request waits for the other': async ({ serve, client }) => {
    const { url, requests } = serve({ body: 'a', delay: 80 });
    const own = client.extend({ strategy: { gates: [concurrencyLimit({ max: 1 })] } });
    await Promise.all([get(own, `${url}?1`), get(own, `${url}?2`)]);
    const [first, second] = await requests();
    ok(second.at - first.at >= 75, `the second came ${second.at - first.at} ms after the first`);
  },
  'rateLimit: spaces attempts': async ({ serve, client }) => {
    const { url, requests } = serve({ body: 'a' });
    const own = client.extend({ strategy: { gates: [rateLimit({ permits: 10, burst: 1 })] } });
    await Promise.all([1, 2, 3].map((at) => get(own, `${url}?${at}`)));
    const [first, , third] = await requests();
    ok(third.at - first.at >= 180, `the third came ${third.at - first.at} ms after the first`);
  },
  'serverLimit: waits for the quota that the server tells': async ({ serve, client }) => {
    const headers = { 'ratelimit-policy': '"a";q=1;w=1', ratelimit: '"a";r=0;t=1' };
    const { url, requests } = serve([{ body: 'a', headers }, { body: 'b' }]);
    const own = client.extend({ strategy: { gates: [serverLimit()] } });
    await get(own, url);
    await get(own, url);
    const [first, second] = await requests();
    ok(second.at - first.at >= 900, `the second came ${second.at - first.at} ms after the first`);
  },
  'whenOnline: lets attempts pass': async ({ serve, client }) => {
    equal(await get(client.extend({ strategy: { gates: [whenOnline()] } }), serve({ body: 'a' }).url), 'a');
  },
  'hedging: a second sending overtakes a silent one, which is left': async ({ serve, client }) => {
    const { url, ended } = serve([{ stall: 'headers' }, { body: 'hedge' }]);
    const own = client.extend({ strategy: { hedge: hedging({ after: 60 }), attempts: 1 }, timeout: 1_000 });
    // Chromium would keep the second one waiting for what the first may bring into its cache.
    equal(await get(own, url, { cache: 'no-store' }), 'hedge');
    equal((await ended()).aborted, true);
  },
};

let token = 'old';
let renew;
const bearer = new RetryClient({
  interceptors: [bearerToken({ token: () => token, refresh: () => renew(), appliesTo: () => true })],
});

/**
 * Checks of what two requests share that this process answers at the same time. Each of them runs twice at a time; in
 * workerd in two requests, where one cannot use timers and connections of the other.
 */
export const sharedGates = {
  'shared concurrencyLimit: requests of two visitors wait for each other': async ({ serve }) => {
    const { url } = serve({ body: 'a', delay: 60 });
    for (const at of [1, 2, 3]) equal(await get(sharedClients.limit, `${url}?${at}`), 'a');
  },
  'shared rateLimit: requests of two visitors take turns': async ({ serve }) => {
    const { url } = serve({ body: 'a' });
    for (const at of [1, 2, 3]) equal(await get(sharedClients.rate, `${url}?${at}`), 'a');
  },
  'shared rateLimit: a visitor who leaves lets the other go on': async ({ serve, part }) => {
    const { url } = serve({ body: 'a' });
    const waiting = Promise.all([1, 2, 3].map((at) => get(sharedClients.rate, `${url}?${at}`)));
    if (part === 0) {
      waiting.catch(() => undefined);
      await firstValueFrom(timer(20));
      return;
    }
    equal(await waiting, ['a', 'a', 'a']);
  },
  'shared circuitBreaker: opens for two visitors, and closes again': async ({ serve }) => {
    const { url } = serve({ status: 503 });
    await get(sharedClients.breaker, url).catch(() => undefined);
    await firstValueFrom(timer(400));
    const good = serve({ body: 'a' }, { key: 'good' });
    for (let tries = 0; tries < 20; tries += 1) {
      const answer = await get(sharedClients.breaker, good.url).catch(() => undefined);
      if (answer === 'a') return;
      await firstValueFrom(timer(50));
    }
    throw new Error('the breaker has not closed');
  },
  'shared bearerToken: one refresh serves two visitors': async ({ serve, client, part }) => {
    const renewal = serve({ body: 'new', delay: 100 }, { key: 'renewal' });
    renew ??= () => client.get(renewal.url, { selector: text() }).pipe(tap((fresh) => (token = fresh)));
    // The first one refreshes, and is gone before the other has its answer.
    await firstValueFrom(timer(30 * part));
    const { url, requests } = serve([{ status: 401 }, { body: 'a', delay: 200 * part }]);
    equal(await get(bearer, url), 'a');
    equal((await requests())[1].headers.authorization, 'Bearer new');
  },
  'shared serverLimit: requests of two visitors wait for the quota': async ({ serve }) => {
    const headers = { 'ratelimit-policy': '"a";q=1;w=1', ratelimit: '"a";r=1;t=1' };
    const { url } = serve({ body: 'a', headers });
    equal(await Promise.all([get(sharedClients.server, `${url}?1`), get(sharedClients.server, `${url}?2`)]), [
      'a',
      'a',
    ]);
  },
};
