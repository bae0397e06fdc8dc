import type { scenarios } from '../../simulate/scenarios.js';

/** What happens in each scenario, for `--help`. */
export const SCENARIO_DESCRIPTIONS: Readonly<Record<keyof typeof scenarios, string>> = {
  blip: 'for 2 s a service answers 503, as while it is deployed',
  outage: 'for 20 s its connections are refused',
  overload: 'for 20 s twice as many requests come as it can answer',
  slow: 'one request in twenty takes 2 s, the others some 50 ms',
  metastable: 'a service that slows down under load, and twice the load for 5 s',
  contention: 'a hundred clients change the same row at once',
};
