/** The export of a module that prepares a subject. */
export interface ModuleRef {
  /** The path of the module, relative to the worker and without its extension. */
  readonly module: string;
  /** The name of the exported `Entry`. */
  readonly entry: string;
}

/** The network that a subject sends through; `stub` and `stub-json` replace the global fetch. */
export type Network = 'stub' | 'stub-json' | 'none' | 'server';

/** The work of one worker: a subject, and the URLs that it requests. */
export interface Task extends ModuleRef {
  readonly network: Network;
  /** One URL for each sequence of requests. All sequences run at once. */
  readonly urls: readonly string[];
  /** The folder of the built package, as a URL that ends in a slash. */
  readonly dist: string;
  /** The delay before each retry, in ms. */
  readonly delay: number;
}

/** The amount of work of one measurement. */
export interface Effort {
  /** The CPU time of the warm-up, in ms. The maximum also ends a warm-up with too few requests. */
  readonly warmUpMs: readonly [min: number, max: number];
  /** The least number of requests of the warm-up: V8 optimizes code by the number of calls, not by the time. */
  readonly warmUpRequests: number;
  /** The CPU time of one round, in ms. */
  readonly roundMs: number;
}

/** The cost of one of many requests that wait at the same time. */
export interface PendingCost {
  /** CPU time, in µs. */
  readonly cpu: number;
  /** Heap, in bytes. */
  readonly heap: number;
}

/** A message to a worker. */
export type WorkerCommand =
  | { readonly type: 'open'; readonly task: Task }
  | { readonly type: 'warm-up'; readonly effort: Effort }
  | { readonly type: 'measure'; readonly requests: number }
  | { readonly type: 'profile'; readonly requests: number; readonly interval: number }
  | { readonly type: 'collect-garbage' }
  | { readonly type: 'settle-memory'; readonly requests: number }
  | { readonly type: 'measure-pending'; readonly requests: number; readonly times: number }
  | { readonly type: 'measure-pending-cost'; readonly requests: number };

/** The reply of a worker to a command. */
export type WorkerReply =
  | { readonly type: 'done' }
  /** The number of requests in a round. */
  | { readonly type: 'warmed-up'; readonly requests: number }
  /** CPU time per request, in µs. */
  | { readonly type: 'cpu'; readonly cpu: number }
  /** A `.cpuprofile`. */
  | { readonly type: 'profile'; readonly profile: string }
  | ({ readonly type: 'pending-cost' } & PendingCost)
  | { readonly type: 'failed'; readonly message: string };
