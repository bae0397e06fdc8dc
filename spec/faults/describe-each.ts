import type { Transport } from '../../src/index.js';
import { hostileServer, type HostileServer } from '../support/hostile-server.js';
import { transports } from './transports.js';

/** The server and the transport of one spec of {@link describeEach}. */
export interface TransportBench {
  readonly server: HostileServer;
  /** A transport with connections of its own; `undefined` for the platform's fetch. */
  readonly fetch: Transport | undefined;
}

/** Defines the same specs for each transport. Each spec has a hostile server of its own. */
export function describeEach(title: string, specs: (bench: () => TransportBench) => void): void {
  for (const { name, make } of transports) {
    describe(`${title}, through ${name},`, () => {
      let bench: TransportBench | undefined;

      beforeEach(async () => {
        bench = { server: await hostileServer(), fetch: make() };
      });

      afterEach(() => bench?.server.close());

      specs(() => bench as TransportBench);
    });
  }
}
