import type { Transport } from '../../src/index.js';
import { hostileServer, type HostileServer } from '../support/hostile-server.js';
import { transports } from './transports.js';

/** What a spec of {@link describeEach} works with. */
export interface Bench {
  readonly server: HostileServer;
  /** A transport with connections of its own, where that can be had. */
  readonly fetch: Transport | undefined;
}

/** The same specs through each transport, each spec with a hostile server of its own. */
export function describeEach(title: string, specs: (bench: () => Bench) => void): void {
  for (const { name, make } of transports) {
    describe(`${title}, through ${name},`, () => {
      let bench: Bench | undefined;

      beforeEach(async () => {
        bench = { server: await hostileServer(), fetch: make() };
      });

      afterEach(() => bench?.server.close());

      specs(() => bench as Bench);
    });
  }
}
