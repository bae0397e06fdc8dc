export { combine } from './models/combine.js';
export { contended } from './models/contended.js';
export { failing } from './models/failing.js';
export { outage } from './models/outage.js';
export { queueing } from './models/queueing.js';
export { scenarios } from './scenarios.js';
export { simulate } from './simulate.js';
export { slowing } from './models/slowing.js';

export type { ContendedOptions } from './models/contended.js';
export type { LatencyReport } from './latencies.js';
export type { OutageOptions } from './models/outage.js';
export type { QueueingOptions } from './models/queueing.js';
export type { Scenario } from './scenario.js';
export type { SecondReport, SimulationReport } from './recorder.js';
export type { Server, ServerAnswer, ServerRequest } from './server.js';
export type { SimulatedStrategy } from './simulated-strategy.js';
export type { SimulateOptions, SimulationProgress } from './simulate.js';
export type { SlowingOptions } from './models/slowing.js';
