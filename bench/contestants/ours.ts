// The built package, not the sources, whose types it has.
import { defer, of, throwError } from 'rxjs';

import type * as Package from '../../src/index.js';
import type * as Node from '../../src/transports/node-fetch.js';
import type * as Undici from '../../src/transports/undici.js';
import { type Course, type Entry, observed, type Send } from '../contestant.js';

type Options = ConstructorParameters<typeof Package.RetryClient>[0];

async function load({ dist }: Course): Promise<typeof Package> {
  return (await import(`${dist}index.js`)) as typeof Package;
}

/** A client that waits as shortly as the course wants. */
async function open(course: Course, options?: Options): Promise<Package.RetryClient> {
  const { constant, RetryClient } = await load(course);
  return new RetryClient({ strategy: { backoff: constant(course.wait) }, ...options });
}

function reading(client: Package.RetryClient): (url: string) => Send {
  return observed((url) => client.getJSON(url));
}

export const get: Entry = async (course) => {
  const { RetryClient } = await load(course);
  const client = new RetryClient();
  return observed((url) => client.get(url));
};

export const getWithListener: Entry = async (course) => {
  const { RetryClient } = await load(course);
  const client = new RetryClient();
  client.attempts$.subscribe();
  return observed((url) => client.get(url));
};

export const getWithStrategy: Entry = async (course) => {
  const { equalJitter, exponential, RetryClient } = await load(course);
  const client = new RetryClient();
  return observed((url) =>
    client.get(url, { strategy: { attempts: 5, backoff: equalJitter(exponential({ initial: 50 })), statuses: [429] } }),
  );
};

export const json: Entry = async (course) => reading(await open(course));

export const bytes: Entry = async (course) => {
  const { bytes: selector } = await load(course);
  const client = await open(course);
  return observed((url) => client.get(url, { selector: selector() }));
};

export const jsonOverNodeFetch: Entry = async (course) =>
  reading(await open(course, { fetch: await nodeFetch(course) }));

export const bytesOverNodeFetch: Entry = async (course) => {
  const { bytes: selector } = await load(course);
  const client = await open(course, { fetch: await nodeFetch(course) });
  return observed((url) => client.get(url, { selector: selector() }));
};

export const jsonOverUndici: Entry = async (course) =>
  reading(await open(course, { fetch: await undiciFetch(course) }));

export const bytesOverUndici: Entry = async (course) => {
  const { bytes: selector } = await load(course);
  const client = await open(course, { fetch: await undiciFetch(course) });
  return observed((url) => client.get(url, { selector: selector() }));
};

async function nodeFetch({ dist }: Course): Promise<Package.Transport> {
  const { nodeFetch: transport } = (await import(`${dist}transports/node-fetch.js`)) as typeof Node;
  return transport();
}

async function undiciFetch({ dist }: Course): Promise<Package.Transport> {
  const { undiciFetch: transport } = (await import(`${dist}transports/undici.js`)) as typeof Undici;
  return transport();
}

/** The client's requests, each with a 503 and a wait. */
export const waiting: Entry = async (course) => {
  const client = await open(course);
  return observed((url) => client.get(url));
};

/** The same without a promise: an interceptor answers at once, as the source of RxJS's retry does. */
export const waitingAtOnce: Entry = async (course) => {
  const [busy, ready] = [new Response(null, { status: 503 }), new Response()];
  const client = await open(course, { interceptors: [() => of(course.failing() ? busy : ready)] });
  return observed((url) => client.get(url));
};

/** The operator alone, over a source of RxJS's own. */
export const operatorWaiting: Entry = async (course) => {
  const { constant, retryWithStrategy } = await load(course);
  const strategy = { backoff: constant(course.wait) };
  return observed(() =>
    defer(() => (course.failing() ? throwError(() => new Error('busy')) : of(true))).pipe(retryWithStrategy(strategy)),
  );
};
