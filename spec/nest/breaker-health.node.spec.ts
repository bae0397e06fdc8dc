import { HealthCheckService, TerminusModule } from '@nestjs/terminus';

import { type CircuitBreaker, circuitBreaker, RetryClient } from '../../src/index.js';
import { breakerHealth, type BreakerHealthOptions } from '../../src/nest/index.js';
import { network } from '../support/scripted-network.js';
import { failureOf } from '../support/settled.js';
import { controller, startApp, stopApps } from './app.js';

describe('breakerHealth()', () => {
  afterEach(() => stopApps());

  const broken = async (options: object = {}) => {
    const breaker = circuitBreaker({ minimumThroughput: 1, ...options });
    const client = new RetryClient({
      interceptors: [network(500).interceptor],
      strategy: { attempts: 1, gates: [breaker] },
    });
    await failureOf(client.getJSON('http://a.test/x'));
    return breaker;
  };

  const healthOf = async (breaker: CircuitBreaker | readonly CircuitBreaker[], options?: BreakerHealthOptions) => {
    const check = (health: HealthCheckService) => health.check([breakerHealth('upstream', breaker, options)]);
    const { url } = await startApp({
      imports: [TerminusModule.forRoot({ logger: false })],
      controllers: [controller({ health: check }, HealthCheckService)],
    });
    const answer = await fetch(url('health'));
    const body = (await answer.json()) as { readonly status: string; readonly details: unknown };
    return { code: answer.status, status: body.status, details: body.details };
  };

  it('is up while circuits are closed, or were never used', async () => {
    expect(await healthOf(circuitBreaker())).toEqual({
      code: 200,
      status: 'ok',
      details: { upstream: { status: 'up', circuits: {} } },
    });
  });

  it('is down while a circuit is open, of several breakers', async () => {
    expect(await healthOf([circuitBreaker(), await broken()])).toEqual({
      code: 503,
      status: 'error',
      details: { upstream: { status: 'down', circuits: { 'http://a.test': 'open' } } },
    });
  });

  it('is degraded instead by an option', async () => {
    const { code, status } = await healthOf(await broken(), { whenOpen: 'degraded' });

    expect([code, status]).toEqual([200, 'degraded']);
  });

  it('is down while a circuit is isolated', () => {
    const breaker = circuitBreaker();
    breaker.isolate('http://a.test');

    expect(breakerHealth('upstream', breaker)().upstream).toEqual({
      status: 'down',
      circuits: { 'http://a.test': 'isolated' },
    });
  });

  it('is up again when the break is over: the next attempt is the probe, and a readiness check must not keep it away', async () => {
    const breaker = await broken({ breakDuration: 0 });

    expect(breakerHealth('upstream', breaker)().upstream).toEqual({
      status: 'up',
      circuits: { 'http://a.test': 'open' },
    });
  });

  it('names a bad argument', () => {
    const breaker = circuitBreaker();

    expect(() => breakerHealth('', breaker)).toThrowError(RangeError, /key/);
    expect(() => breakerHealth('x', {} as never)).toThrowError(TypeError, /breakers\[0\] must be a circuit breaker/);
    expect(() => breakerHealth('x', breaker, { whenOpen: 'sick' as never })).toThrowError(RangeError, /whenOpen/);
    expect(() => breakerHealth('x', breaker, { open: 'down' } as never)).toThrowError(/unknown option "open"/);
  });
});
