import { HttpClient, provideHttpClient, withInterceptors } from '@angular/common/http';
import { inject, InjectionToken } from '@angular/core';
import { TestBed } from '@angular/core/testing';
import { NEVER, Subject, takeUntil } from 'rxjs';

import { injectAttempts, provideRequestObservers, retryContext, retryInterceptor } from '../../src/angular/index.js';
import { type AttemptEvent, constant, type HttpAttempt, type ObservedRequest } from '../../src/index.js';
import { app, injected } from '../support/angular-app.js';
import { angularNetwork, type AngularAnswer } from '../support/angular-network.js';
import { findSequenceViolation, listen, plot } from '../support/attempt-events.js';
import { settled } from '../support/settled.js';

const url = 'http://a.test/users';

function recorder() {
  const requests: ObservedRequest[] = [];
  const events: AttemptEvent<unknown, HttpAttempt>[] = [];
  return {
    requests,
    events,
    observer: (request: ObservedRequest) => {
      requests.push(request);
      return { next: (event: AttemptEvent<unknown, HttpAttempt>) => events.push(event) };
    },
  };
}

function httpOf(
  answers: readonly AngularAnswer[],
  ...providers: ReturnType<typeof provideRequestObservers>[]
): HttpClient {
  const retry = retryInterceptor({ backoff: constant(0) });
  app(provideHttpClient(withInterceptors([retry, angularNetwork(...answers).interceptor])), ...providers);
  return TestBed.inject(HttpClient);
}

describe('provideRequestObservers()', () => {
  it('has each request of HttpClient observed from its start, with the responses that came', async () => {
    const { requests, events, observer } = recorder();
    const http = httpOf([{ status: 503, headers: { 'x-from': 'eu' } }, 200], provideRequestObservers([observer]));
    const all = listen(injected(() => injectAttempts()));
    await settled(http.get('http://me:secret@a.test/users', { params: { page: 2 } }));

    expect(requests).toEqual([jasmine.objectContaining({ method: 'GET', url: 'http://a.test/users?page=2' })]);
    expect(plot(events)).toEqual(['start 1', 'response 1', 'retry 1', 'start 2', 'response 2', 'value 2', 'success 2']);
    expect(all).toEqual(events);
    const responses = events.flatMap((event) => (event.type === 'response' ? [event.response] : []));
    expect(responses.map(({ status, ok }) => [status, ok])).toEqual([
      [503, false],
      [200, true],
    ]);
    expect(responses[0] instanceof Response).toBeTrue();
    expect(responses[0]?.headers.get('x-from')).toBe('eu');
    expect(await responses[0]?.text()).toBe('');
    expect(events.at(-1)).toEqual(jasmine.objectContaining({ type: 'success', total: jasmine.any(Number) }));
  });

  it('adds to the observers of other providers; a function can inject', () => {
    const NAME = new InjectionToken('name', { providedIn: 'root', factory: () => 'injected' });
    const order: string[] = [];
    const named = (name: string) => () => {
      order.push(name);
      return undefined;
    };
    const http = httpOf(
      [200, 200],
      provideRequestObservers([named('a'), named('b')]),
      provideRequestObservers(() => [named(inject(NAME))]),
    );
    http.get(url).subscribe();
    expect(order).toEqual(['a', 'b', 'injected']);
    http.get(url, { context: retryContext(false) }).subscribe();
    expect(order.length).toBe(3);
  });

  it('lets an observer end the request before it is sent, and later', async () => {
    for (const at of ['opening', 'start', 'retry']) {
      const { events, observer } = recorder();
      const stop$ = new Subject<void>();
      const ending = () => {
        if (at === 'opening') stop$.next();
        return {
          next: ({ type }: { readonly type: string }) => {
            if (type === at) stop$.next();
          },
        };
      };
      const http = httpOf([503, NEVER], provideRequestObservers([ending, observer]));
      await settled(http.get(url).pipe(takeUntil(stop$)));
      expect(events.at(-1)?.type).withContext(at).toBe('cancel');
      if (at !== 'opening') expect(findSequenceViolation(events)).toBeUndefined();
      TestBed.resetTestingModule();
    }
  });

  it('throws at once for what is no function', () => {
    expect(() => provideRequestObservers([{} as never])).toThrowError(
      TypeError,
      'observers[0] must be a function, not an object',
    );
    expect(() => provideRequestObservers({} as never)).toThrowError(TypeError, /^observers must be an array/);
  });
});
