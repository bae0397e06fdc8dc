import { gates, sharedGates } from './gates.js';
import { network } from './network.js';
import { requests } from './requests.js';
import { retries } from './retries.js';
import { streams } from './streams.js';
import { tools } from './tools.js';
import { uploads } from './uploads.js';

/** All checks, each by its name. */
export const checks = {
  ...requests,
  ...retries,
  ...gates,
  ...sharedGates,
  ...uploads,
  ...streams,
  ...network,
  ...tools,
};

/** Those of which two run at a time, in two requests to the runtime where it serves requests. */
export const pairedChecks = Object.keys(sharedGates);
