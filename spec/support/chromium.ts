import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Readable, type Writable } from 'node:stream';

import { findChrome } from './find-chrome.js';

/** What Chromium answers or reports, by the DevTools protocol. */
interface Message {
  readonly id?: number;
  readonly result?: object;
  readonly error?: { readonly message: string };
}

/** A page of a Chromium that a Node spec drives. */
export interface ChromiumPage {
  open(url: string): Promise<void>;
  /** Evaluates an expression, and resolves with its value; that of a promise, when it is settled. */
  evaluate<T>(expression: string): Promise<T>;
  /** Takes the page offline as a network that is gone does: its requests fail, and it gets the event. */
  setOffline(offline: boolean): Promise<void>;
  /** Shows the page in a window of this size, in CSS px, and with these features of media: `prefers-color-scheme`. */
  emulate(screen: {
    readonly width: number;
    readonly height: number;
    readonly media?: Readonly<Record<string, string>>;
  }): Promise<void>;
  /** Takes a picture of the window, as a PNG in base64. */
  screenshot(): Promise<string>;
  close(): Promise<void>;
}

/** A headless Chromium. It finds each host under `.test` on this machine. */
export interface Chromium {
  newPage(): Promise<ChromiumPage>;
  close(): Promise<void>;
}

/**
 * Starts Chromium, and talks to it through pipes: no port is needed.
 *
 * @param secureOrigins - origins without TLS that count as secure, so that they can have service workers
 * @see {@link https://chromedevtools.github.io/devtools-protocol/}
 */
export async function startChromium(secureOrigins: readonly string[] = []): Promise<Chromium> {
  const profile = await mkdtemp(join(tmpdir(), 'chromium-'));
  const browser = spawn(
    findChrome(),
    [
      '--headless',
      '--remote-debugging-pipe',
      `--user-data-dir=${profile}`,
      // The names under .test are loopback hosts to the network, and none to a page.
      '--host-resolver-rules=MAP *.test 127.0.0.1',
      '--no-proxy-server',
      `--unsafely-treat-insecure-origin-as-secure=${secureOrigins.join()}`,
      // As in karma.conf.js.
      '--no-sandbox',
      '--disable-gpu',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--disable-quic',
      '--disable-dev-shm-usage',
    ],
    { stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'] },
  );
  const send = connect(browser);
  return {
    newPage: () => newPage(send),
    close: async () => {
      const exited = once(browser, 'exit');
      await send('Browser.close');
      await exited;
      await rm(profile, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

type Send = (method: string, params?: object, sessionId?: string) => Promise<Record<string, unknown>>;

/** Returns a function that sends a command, and resolves with its result. */
function connect(browser: ChildProcess): Send {
  const commands = browser.stdio[3] as Writable;
  const answers = browser.stdio[4] as Readable;
  const pending = new Map<number, (message: Message) => void>();
  let count = 0;
  let received = '';
  answers.setEncoding('utf8').on('data', (text: string) => {
    // Each message ends with a null character.
    const messages = (received + text).split('\0');
    received = messages.pop() as string;
    for (const message of messages.map((json) => JSON.parse(json) as Message)) {
      if (message.id === undefined) continue;
      pending.get(message.id)?.(message);
      pending.delete(message.id);
    }
  });
  const fail = (message: string): void => {
    for (const answer of pending.values()) answer({ error: { message } });
    pending.clear();
  };
  commands.on('error', () => undefined);
  browser.on('error', ({ message }) => {
    fail(message);
  });
  browser.on('exit', (code) => {
    fail(`Chromium has exited with code ${String(code)}`);
  });
  return (method, params = {}, sessionId) =>
    new Promise((resolve, reject) => {
      count += 1;
      pending.set(count, ({ result = {}, error }) => {
        if (error) reject(new Error(`${method}: ${error.message}`));
        else resolve(result as Record<string, unknown>);
      });
      commands.write(`${JSON.stringify({ id: count, method, params, sessionId })}\0`);
    });
}

async function newPage(send: Send): Promise<ChromiumPage> {
  const { targetId } = await send('Target.createTarget', { url: 'about:blank' });
  const { sessionId } = await send('Target.attachToTarget', { targetId, flatten: true });
  const command = (method: string, params?: object): ReturnType<Send> => send(method, params, sessionId as string);
  await command('Network.enable');
  const evaluate = async <T>(expression: string): Promise<T> => {
    const { result, exceptionDetails } = (await command('Runtime.evaluate', {
      expression,
      awaitPromise: true,
      returnByValue: true,
    })) as {
      result: { value: T };
      exceptionDetails?: { text: string; exception?: { description?: string } };
    };
    if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
    return result.value;
  };
  return {
    open: async (url) => {
      const { errorText } = await command('Page.navigate', { url });
      if (errorText !== undefined) throw new Error(`${url}: ${errorText as string}`);
      await evaluate(
        `new Promise((resolve) => document.readyState === 'complete' ? resolve() : addEventListener('load', resolve))`,
      );
    },
    evaluate,
    setOffline: async (offline) => {
      await command('Network.emulateNetworkConditions', {
        offline,
        latency: 0,
        downloadThroughput: -1,
        uploadThroughput: -1,
      });
    },
    emulate: async ({ width, height, media = {} }) => {
      await command('Emulation.setDeviceMetricsOverride', { width, height, deviceScaleFactor: 1, mobile: false });
      const features = Object.entries(media).map(([name, value]) => ({ name, value }));
      await command('Emulation.setEmulatedMedia', { features });
    },
    screenshot: async () => (await command('Page.captureScreenshot', { format: 'png' })).data as string,
    close: async () => {
      await send('Target.closeTarget', { targetId });
    },
  };
}
