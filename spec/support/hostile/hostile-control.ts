import type { IncomingMessage } from 'node:http';

import { type HostilePort, hostileServer, type ScenarioName } from '../hostile-server.js';

/** Answers requests of pages about the hostile server, at `/__hostile/`. Returns `undefined` for any other path. */
export async function hostileControl(): Promise<(request: IncomingMessage) => Promise<unknown> | undefined> {
  const server = await hostileServer();
  const ports: HostilePort[] = [];

  return ({ url = '' }) => {
    const { pathname, searchParams } = new URL(url, 'http://karma.test');
    if (!pathname.startsWith('/__hostile/')) return undefined;
    const port = ports[Number(searchParams.get('id'))];
    switch (pathname.slice('/__hostile/'.length)) {
      case 'open':
        return server
          .openPort(searchParams.get('scenario') as ScenarioName, { faults: Number(searchParams.get('faults')) })
          .then((opened) => ({ id: ports.push(opened) - 1, url: opened.url }));
      case 'requests':
        return Promise.resolve(port?.requests);
      case 'quiet':
        return port?.quiet();
      case 'close':
        return port?.close();
      default:
        return undefined;
    }
  };
}
