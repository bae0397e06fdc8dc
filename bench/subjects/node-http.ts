// Node's http module with an agent that keeps connections alive, and a retry loop written by hand.
import { Agent, get } from 'node:http';

import { type Entry, type Send } from '../subject.js';

const agent = new Agent({ keepAlive: true });

/** Sends a request, and again after each 503, then reads the whole body. */
function sendOverHttp(delay: number, read: (body: Buffer) => unknown): (url: string) => Send {
  return (url) => (onDone, onError) => {
    const sendAttempt = (): void => {
      const request = get(url, { agent }, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', onError);
        response.on('end', () => {
          if (response.statusCode === 503) setTimeout(sendAttempt, delay);
          else onDone(read(Buffer.concat(chunks)));
        });
      });
      request.on('error', onError);
    };
    sendAttempt();
  };
}

export const json: Entry = ({ delay }) => sendOverHttp(delay, (body) => JSON.parse(body.toString()));

export const bytes: Entry = ({ delay }) => sendOverHttp(delay, (body) => body);
