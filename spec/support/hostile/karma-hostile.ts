import type { IncomingMessage } from 'node:http';

import { type HostilePlace, hostileServer, type ScenarioName } from '../hostile-server.js';

/** Answers what pages ask about the hostile server at `/__hostile/`; `undefined` for any other path. */
export async function hostileControl(): Promise<(request: IncomingMessage) => Promise<unknown> | undefined> {
  const server = await hostileServer();
  const places: HostilePlace[] = [];

  return ({ url = '' }) => {
    const { pathname, searchParams } = new URL(url, 'http://karma.test');
    if (!pathname.startsWith('/__hostile/')) return undefined;
    const place = places[Number(searchParams.get('id'))];
    switch (pathname.slice('/__hostile/'.length)) {
      case 'place':
        return server
          .place(searchParams.get('scenario') as ScenarioName, { faults: Number(searchParams.get('faults')) })
          .then((opened) => ({ id: places.push(opened) - 1, url: opened.url }));
      case 'requests':
        return Promise.resolve(place?.requests);
      case 'quiet':
        return place?.quiet();
      case 'close':
        return place?.close();
      default:
        return undefined;
    }
  };
}
