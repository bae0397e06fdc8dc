import { resolveScenario, type Scenario } from '../../simulate/scenario.js';
import { checkKnownOptions, type OptionRules } from '../../util/known-options.js';
import { check, checkOptions, type OptionRule } from '../../util/option-rule.js';
import { httpUrl } from '../options/value-parsers.js';
import { readRandomTime, readSteps, readTime } from './data-values.js';
import { readServer } from './server-data.js';

/** What a scenario file contains, unchecked. */
type ScenarioData = Readonly<Partial<Record<keyof Scenario | 'strategies', unknown>>>;

// The readers below, and resolveScenario(), check the values.
const ANY: OptionRule = [undefined, 'anything'];

const KNOWN: OptionRules<ScenarioData> = {
  seed: ANY,
  duration: ANY,
  clients: ANY,
  rate: ANY,
  timeout: ANY,
  totalTimeout: ANY,
  network: ANY,
  urls: ANY,
  server: ANY,
  strategies: ANY,
};

const RATE: OptionRule = [0, 'a finite number of at least 0', (rate: number) => rate >= 0 && rate < Infinity];

function readRate(path: string, value: unknown): Scenario['rate'] {
  if (Array.isArray(value)) return readSteps(path, value, RATE);
  const isRate = (rate: unknown): boolean => rate === 'together' || (typeof rate === 'number' && rate >= 0);
  check(path, value, [undefined, "a number of at least 0, a list of steps, or 'together'", isRate]);
  return value as number | 'together';
}

function readLimit(path: string, value: unknown): number | false {
  return value === false ? value : readTime(path, value);
}

function readUrls(path: string, value: unknown): readonly string[] {
  const isUrl = (url: unknown): boolean => typeof url === 'string' && httpUrl.parse(url) !== undefined;
  check(path, value, [[undefined], httpUrl.expected, isUrl]);
  return value as readonly string[];
}

/**
 * Makes the scenario that a file describes.
 *
 * @param data - what the file contains
 * @throws TypeError or RangeError that names the path in the file, the value and what was expected
 */
export function readScenario(data: unknown): Scenario {
  checkOptions('scenario', data);
  const known = data as ScenarioData;
  checkKnownOptions(known, KNOWN, 'scenario');
  const read = <T>(name: keyof ScenarioData, reader: (path: string, value: unknown) => T): T | undefined =>
    known[name] === undefined ? undefined : reader(`scenario.${name}`, known[name]);
  const scenario = {
    seed: known.seed,
    duration: read('duration', readTime),
    clients: known.clients,
    rate: read('rate', readRate),
    timeout: read('timeout', readLimit),
    totalTimeout: read('totalTimeout', readLimit),
    network: read('network', readRandomTime),
    urls: read('urls', readUrls),
    server: read('server', readServer),
  } as Scenario;
  resolveScenario(scenario);
  return scenario;
}
