import * as main from 'rxjs-retry-client';
import * as node from 'rxjs-retry-client/node';
import * as simulation from 'rxjs-retry-client/simulate';
import * as undici from 'rxjs-retry-client/undici';
import { TestScheduler } from 'rxjs/testing';

it('imports every entry', () => {
  expect(main.RetryClient).toBeInstanceOf(Function);
  expect(node.nodeFetch()).toBeInstanceOf(Function);
  expect(undici.undiciFetch()).toBeInstanceOf(Function);
  expect(simulation.simulate).toBeInstanceOf(Function);
});

it('shares RxJS with the test, so marbles work', () => {
  new TestScheduler((actual, expected) => expect(actual).toEqual(expected)).run(({ cold, expectObservable }) => {
    expectObservable(cold('--#').pipe(main.retryWithStrategy({ attempts: 2, backoff: main.constant(3) }))).toBe(
      '-------#',
    );
  });
});
