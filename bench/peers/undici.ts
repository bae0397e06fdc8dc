import { setTimeout as sleep } from 'node:timers/promises';

import { Agent, type Dispatcher, request, RetryAgent } from 'undici';

import { type Entry, promised, type Send } from '../contestant.js';

const agent = new Agent();

export const requestJSON: Entry = ({ wait }) =>
  promised(async (url) => {
    for (;;) {
      const { statusCode, body } = await request(url, { dispatcher: agent });
      if (statusCode === 200) return body.json();
      await body.dump();
      await sleep(wait);
    }
  });

export const requestBytes: Entry = () =>
  promised(async (url) => (await request(url, { dispatcher: agent })).body.arrayBuffer());

export const retryAgentJSON: Entry = ({ wait }) => {
  const dispatcher = retrying(wait);
  return promised(async (url) => (await request(url, { dispatcher })).body.json());
};

export const retryAgentBytes: Entry = ({ wait }) => {
  const dispatcher = retrying(wait);
  return promised(async (url) => (await request(url, { dispatcher })).body.arrayBuffer());
};

function retrying(wait: number): RetryAgent {
  return new RetryAgent(agent, {
    maxRetries: 2,
    minTimeout: wait,
    maxTimeout: wait,
    timeoutFactor: 1,
    retryAfter: false,
  });
}

/** No promise, no stream: chunks in a list. After a 503 it asks again. */
function dispatching(wait: number, read: (body: Buffer) => unknown): (url: string) => Send {
  return (url) => {
    const { origin, pathname: path } = new URL(url);
    return (done, failed) => {
      const ask = (): void => {
        let status = 0;
        const chunks: Buffer[] = [];
        const handler: Dispatcher.DispatchHandler = {
          onRequestStart: () => undefined,
          onResponseStart: (_controller, statusCode) => {
            status = statusCode;
          },
          onResponseData: (_controller, chunk) => {
            chunks.push(chunk);
          },
          onResponseEnd: () => {
            if (status === 503) setTimeout(ask, wait);
            else done(read(Buffer.concat(chunks)));
          },
          onResponseError: (_controller, error) => {
            failed(error);
          },
        };
        agent.dispatch({ origin, path, method: 'GET' }, handler);
      };
      ask();
    };
  };
}

export const dispatchJSON: Entry = ({ wait }) => dispatching(wait, (body) => JSON.parse(body.toString()));

export const dispatchBytes: Entry = ({ wait }) => dispatching(wait, (body) => body);
