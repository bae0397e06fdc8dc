import { context, createContextKey, type TracerProvider } from '@opentelemetry/api';
import { StackContextManager } from '@opentelemetry/sdk-trace-web';
import { catchError, config, from, map, mergeMap, of, timer } from 'rxjs';

import { hedging, type Interceptor, RetryClient, text, type Transport } from '../../src/index.js';
import { telemetry } from '../../src/opentelemetry/index.js';
import { failureOf, only, settled } from '../support/settled.js';
import { endOf, TelemetryRecorder } from '../support/telemetry.js';

const url = 'http://a.test/';
const answerAfter = async (ms: number, body: string): Promise<Response> => {
  await settled(timer(ms));
  return new Response(body);
};

describe('Telemetry of a transport that does not behave', () => {
  let recorder: TelemetryRecorder;
  let reported: unknown[];
  const before = config.onUnhandledError;

  beforeEach(() => {
    reported = [];
    config.onUnhandledError = (error) => reported.push(error);
    recorder = new TelemetryRecorder().register(new StackContextManager());
  });
  afterEach(async () => {
    config.onUnhandledError = before;
    expect(recorder.open).toEqual([]);
    await recorder.unregister();
  });

  it('tells of nothing that an interceptor would send after the request was left', async () => {
    let sent = 0;
    // It runs on after it was unsubscribed, as one with promises does.
    const slow: Interceptor = (request, next) => from(answerAfter(20, '').then(() => only(next(request))));
    const fetch: Transport = () => {
      sent += 1;
      return Promise.resolve(new Response());
    };
    const client = new RetryClient({ fetch, interceptors: [slow] }).extend(telemetry());
    const left = client.get(url).subscribe();
    await settled(timer(5));
    left.unsubscribe();
    await settled(timer(40));

    expect(sent).toBe(0);
    expect(recorder.spans.map(({ name }) => name)).toEqual(['request GET']);
    expect(Object.keys(await recorder.points())).not.toContain('http.client.request.duration');
  });

  it('keeps the timeout of a hedge whose transport ignores the abort, and answers later', async () => {
    let answerHedge: (response: Response) => void = () => undefined;
    let calls = 0;
    const fetch: Transport = (_url, init) =>
      new Promise((resolve) => {
        calls += 1;
        if (calls > 1) answerHedge = resolve;
        else {
          init.signal!.addEventListener('abort', () => {
            resolve(new Response('late'));
            setTimeout(() => {
              answerHedge(new Response('other'));
            }, 5);
          });
        }
      });
    // The hedge has 200 ms from the moment at which the first one's time is over.
    const client = new RetryClient({ fetch, timeout: 400, strategy: { hedge: hedging({ after: 200, max: 1 }) } });

    expect(await only(client.extend(telemetry()).get(url, { selector: text() }))).toBe('other');
    expect(recorder.sends.map(endOf).sort()).toEqual(['error HttpTimeoutError', 'ok']);
  });

  it('leaves the error of a getter of a foreign response to the request', async () => {
    for (const name of ['status', 'headers']) {
      let reads = 0;
      const foreign = { status: 200, headers: new Headers(), body: null, text: () => Promise.resolve('') };
      const value = foreign[name as 'status'];
      Object.defineProperty(foreign, name, {
        get: () => {
          if ((reads += 1) > 1) throw new TypeError(`no ${name}`);
          return value;
        },
      });
      const fetch = (() => Promise.resolve(foreign)) as unknown as Transport;
      const client = new RetryClient({ fetch, strategy: { attempts: 1 } }).extend(telemetry());

      expect(String(await failureOf(client.get(url))))
        .withContext(name)
        .toContain(`no ${name}`);
    }
    await settled(timer(5));

    expect(reported).toEqual([]);
    expect(recorder.sends.map(endOf)).toEqual(['error _OTHER', 'error _OTHER']);
  });

  it('tells of a sending that fails before the transport is called', async () => {
    const unclonable = Object.assign(new Response('a', { status: 401 }), {
      clone: () => {
        throw new TypeError('no clone');
      },
    });
    const answers = [unclonable, new Response('b')];
    // What an earlier answer needs is done when the interceptor sends again.
    const again: Interceptor = (request, next) =>
      next(request).pipe(mergeMap(() => next(request).pipe(catchError(() => of(new Response('own'))))));
    const fetch: Transport = () => Promise.resolve(answers.shift()!);
    const client = new RetryClient({ fetch, interceptors: [again], strategy: { attempts: 1 } }).extend(telemetry());

    expect(await only(client.get(url, { selector: text() }))).toBe('own');
    expect(recorder.sends.map(endOf)).toEqual(['error 401', 'error _OTHER']);
  });

  it('delivers in the context of the caller, with and without interceptors, if a sampler throws', async () => {
    const key = createContextKey('who');
    const bug = new Error('a sampler’s bug');
    const tracerProvider: TracerProvider = {
      getTracer: () => ({
        startSpan: () => {
          throw bug;
        },
        startActiveSpan: () => {
          throw bug;
        },
      }),
    };
    const passing: Interceptor = (request, next) => next(request);
    for (const interceptors of [[], [passing]]) {
      const client = new RetryClient({ fetch: () => answerAfter(1, 'a'), interceptors }).extend(
        telemetry({ tracerProvider, requestSpan: false }),
      );
      const seen: unknown[] = [];
      const see = (): void => void seen.push(context.active().getValue(key));
      const selector = (response: Response) => {
        see();
        return response.text();
      };
      await context.with(context.active().setValue(key, 'me'), () => settled(client.get(url, { selector })));
      await context.with(context.active().setValue(key, 'me'), () =>
        settled(
          client.get(url).pipe(
            map(see),
            mergeMap(() => []),
          ),
        ),
      );

      expect(seen).withContext(`${interceptors.length}`).toEqual(['me', 'me']);
    }
    await settled(timer(5));

    expect(reported).toEqual([bug, bug, bug, bug]);
  });
});
