/** Where a contestant is to be found. */
export interface Place {
  /** The file, beside the worker, without its ending. */
  readonly module: string;
  /** The exported {@link Entry}. */
  readonly entry: string;
}

/** What lies under a contestant. */
export type Network = 'stub' | 'stub-json' | 'none' | 'server';

/** What a worker is started with. */
export interface Task extends Place {
  readonly network: Network;
  /** What each lane asks for, one request after another; there are as many requests at a time as lanes. */
  readonly urls: readonly string[];
  readonly dist: string;
  /** The wait before each retry, in ms. */
  readonly wait: number;
}

/** How much one measurement is to do. */
export interface Effort {
  /** CPU time for getting warm, in ms: at least, and at most, however many requests that takes. */
  readonly warmUp: readonly [least: number, most: number];
  /** Requests for getting warm: V8 optimizes what was called often, not what ran for long. */
  readonly warmUpRequests: number;
  /** CPU time of one round, in ms. */
  readonly round: number;
}

/** What each of many requests costs that wait at once. */
export interface Weight {
  /** CPU time in µs. */
  readonly cpu: number;
  /** Bytes of heap. */
  readonly heap: number;
}

/** What a worker is asked. */
export type Question =
  | { readonly type: 'open'; readonly task: Task }
  | { readonly type: 'warm'; readonly effort: Effort }
  | { readonly type: 'run'; readonly requests: number }
  | { readonly type: 'profile'; readonly requests: number; readonly interval: number }
  | { readonly type: 'collect' }
  | { readonly type: 'settle'; readonly requests: number }
  | { readonly type: 'pend'; readonly requests: number; readonly times: number }
  | { readonly type: 'weigh'; readonly requests: number };

/** What it answers. */
export type Answer =
  | { readonly type: 'done' }
  /** How many requests make a round. */
  | { readonly type: 'warm'; readonly requests: number }
  /** CPU time per request, in µs. */
  | { readonly type: 'spent'; readonly cpu: number }
  /** A `.cpuprofile`. */
  | { readonly type: 'profiled'; readonly profile: string }
  | ({ readonly type: 'weighed' } & Weight)
  | { readonly type: 'failed'; readonly message: string };
