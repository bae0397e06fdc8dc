import 'reflect-metadata';
import type { AddressInfo } from 'node:net';

import {
  Controller,
  Get,
  type INestApplication,
  Inject,
  type InjectionToken,
  type LoggerService,
  Module,
  type ModuleMetadata,
  type NestApplicationOptions,
  Sse,
  type Type,
} from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { type Observable, take } from 'rxjs';

import { only } from '../support/settled.js';

/** Resolves with the first value of an Observable. */
export const first = <T>(source: Observable<T>): Promise<T> => only(source.pipe(take(1)));

/** What Nest runs on. */
export const ADAPTERS = {
  Express: () => new ExpressAdapter(),
  Fastify: () => new FastifyAdapter(),
};

/** The specs are compiled without the decorators that Nest has: they are called as functions. */
export function injectInto<T>(target: Type<T>, tokens: readonly InjectionToken[]): Type<T> {
  for (const [index, token] of tokens.entries()) Inject(token)(target, undefined, index);
  return target;
}

/** Makes a class that keeps what is injected into it. */
export function injectable(...tokens: readonly InjectionToken[]): Type<{ readonly injected: readonly unknown[] }> {
  class Injectable {
    readonly injected: readonly unknown[];
    constructor(...injected: readonly unknown[]) {
      this.injected = injected;
    }
  }
  return injectInto(Injectable, tokens);
}

/** The handler of a route. It gets what is injected into the controller. */
export type Handler = (...injected: never[]) => unknown;

/** Makes a controller of GET routes, whose handlers get what the tokens stand for. Routes named `sse…` send events. */
export function controller(routes: Readonly<Record<string, Handler>>, ...tokens: readonly InjectionToken[]): Type {
  const Routes = injectable(...tokens);
  for (const [path, handler] of Object.entries(routes)) {
    const name = `get_${path}`;
    const value = function (this: { readonly injected: never[] }) {
      return handler(...this.injected);
    };
    Object.defineProperty(Routes.prototype as object, name, { value, writable: true, configurable: true });
    const route = path.startsWith('sse') ? Sse : Get;
    route(path)(Routes.prototype as object, name, Object.getOwnPropertyDescriptor(Routes.prototype, name)!);
  }
  Controller()(Routes);
  return Routes;
}

/** Makes a module. */
export function moduleOf(metadata: ModuleMetadata): Type {
  const AppModule = class {
    readonly isModule = true;
  };
  Module(metadata)(AppModule);
  return AppModule;
}

/** A logger that keeps what it gets, as `level context: message`. */
export class MemoryLogger implements LoggerService {
  readonly lines: string[] = [];
  readonly debug = this.#at('debug');
  readonly log = this.#at('log');
  readonly warn = this.#at('warn');
  readonly error = this.#at('error');

  #at(level: string) {
    return (message: unknown, ...rest: unknown[]): void => {
      this.lines.push(`${level} ${String(rest.at(-1))}: ${String(message)}`);
    };
  }

  /** The lines of a context. */
  of(context: string): string[] {
    return this.lines.filter((line) => line.split(' ')[1]!.startsWith(context));
  }
}

/** An application that runs. */
export interface RunningApp {
  readonly app: INestApplication;
  readonly logger: MemoryLogger;
  readonly url: (path: string) => string;
}

const running = new Set<INestApplication>();

/** Starts an application on a free port. */
export async function startApp(
  metadata: ModuleMetadata,
  adapter: keyof typeof ADAPTERS = 'Express',
  setUp: (app: INestApplication) => void = () => undefined,
): Promise<RunningApp> {
  const logger = new MemoryLogger();
  // eslint-disable-next-line @typescript-eslint/no-unsafe-class-instance-assignment -- Nest's options are a class
  const options = { logger, abortOnError: false } as NestApplicationOptions;
  const app = await NestFactory.create(moduleOf(metadata), ADAPTERS[adapter](), options);
  running.add(app);
  setUp(app);
  await app.listen(0, '127.0.0.1');
  const { port } = (app.getHttpServer() as { address(): AddressInfo }).address();
  return { app, logger, url: (path) => `http://127.0.0.1:${String(port)}/${path}` };
}

/** Ends all applications that were started, and their connections. */
export async function stopApps(): Promise<void> {
  for (const app of running) {
    (app.getHttpServer() as { closeAllConnections(): void }).closeAllConnections();
    await app.close();
  }
  running.clear();
}
