import { setTimeout as sleep } from 'node:timers/promises';

import { Agent, type Dispatcher, request, RetryAgent } from 'undici';

import { type Entry, fromPromise, type Send } from '../subject.js';

const agent = new Agent();

export const requestJSON: Entry = ({ delay }) =>
  fromPromise(async (url) => {
    for (;;) {
      const { statusCode, body } = await request(url, { dispatcher: agent });
      if (statusCode === 200) return body.json();
      await body.dump();
      await sleep(delay);
    }
  });

export const requestBytes: Entry = () =>
  fromPromise(async (url) => (await request(url, { dispatcher: agent })).body.arrayBuffer());

export const retryAgentJSON: Entry = ({ delay }) => {
  const dispatcher = createRetryAgent(delay);
  return fromPromise(async (url) => (await request(url, { dispatcher })).body.json());
};

export const retryAgentBytes: Entry = ({ delay }) => {
  const dispatcher = createRetryAgent(delay);
  return fromPromise(async (url) => (await request(url, { dispatcher })).body.arrayBuffer());
};

function createRetryAgent(delay: number): RetryAgent {
  return new RetryAgent(agent, {
    maxRetries: 2,
    minTimeout: delay,
    maxTimeout: delay,
    timeoutFactor: 1,
    retryAfter: false,
  });
}

/** Collects the chunks of the body in a list, without a promise or a stream. Sends the request again after each 503. */
function sendOverDispatch(delay: number, read: (body: Buffer) => unknown): (url: string) => Send {
  return (url) => {
    const { origin, pathname: path } = new URL(url);
    return (onDone, onError) => {
      const sendAttempt = (): void => {
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
            if (status === 503) setTimeout(sendAttempt, delay);
            else onDone(read(Buffer.concat(chunks)));
          },
          onResponseError: (_controller, error) => {
            onError(error);
          },
        };
        agent.dispatch({ origin, path, method: 'GET' }, handler);
      };
      sendAttempt();
    };
  };
}

export const dispatchJSON: Entry = ({ delay }) => sendOverDispatch(delay, (body) => JSON.parse(body.toString()));

export const dispatchBytes: Entry = ({ delay }) => sendOverDispatch(delay, (body) => body);
