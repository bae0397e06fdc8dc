// Node's own client with an agent that keeps connections alive, with the loop that one would write by hand.
import { Agent, get } from 'node:http';

import { type Entry, type Send } from '../contestant.js';

const agent = new Agent({ keepAlive: true });

/** Reads a body whole; after a 503 asks again. */
function asking(wait: number, read: (body: Buffer) => unknown): (url: string) => Send {
  return (url) => (done, failed) => {
    const ask = (): void => {
      const request = get(url, { agent }, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', failed);
        response.on('end', () => {
          if (response.statusCode === 503) setTimeout(ask, wait);
          else done(read(Buffer.concat(chunks)));
        });
      });
      request.on('error', failed);
    };
    ask();
  };
}

export const json: Entry = ({ wait }) => asking(wait, (body) => JSON.parse(body.toString()));

export const bytes: Entry = ({ wait }) => asking(wait, (body) => body);
