import { combine } from '../../simulate/models/combine.js';
import { contended } from '../../simulate/models/contended.js';
import { failing } from '../../simulate/models/failing.js';
import { outage, type OutageOptions } from '../../simulate/models/outage.js';
import { queueing, type QueueingOptions } from '../../simulate/models/queueing.js';
import { slowing, type SlowingOptions } from '../../simulate/models/slowing.js';
import type { Server } from '../../simulate/server.js';
import { check, checkOptions, isOptions, type OptionRule } from '../../util/option-rule.js';
import { atPath, readRandomTime, readSteps, readTime } from './data-values.js';

type Data = Readonly<Record<string, unknown>>;

/** Makes a model from what a scenario file says of it. */
type ModelReader = (path: string, data: unknown) => Server;

const RATIO: OptionRule = [0, 'a number from 0 to 1', (ratio: number) => ratio >= 0 && ratio <= 1];

/** Makes a model whose options are an object. Those that `readers` has are read by it; the model checks all. */
function withOptions<Options>(
  create: (options: Options) => Server,
  readers: { readonly [Name in keyof Options]?: (path: string, value: unknown) => unknown },
): ModelReader {
  return (path, data) => {
    checkOptions(path, data);
    const entries = Object.entries(data as Data).map(([name, value]) => {
      const read = Object.hasOwn(readers, name) ? readers[name as keyof Options] : undefined;
      return [name, read ? read(`${path}.${name}`, value) : value] as const;
    });
    return atPath(path, () => create(Object.fromEntries(entries) as Options));
  };
}

/** The models that a scenario file can name. */
const MODELS: Readonly<Record<string, ModelReader>> = {
  slowing: withOptions<SlowingOptions>(slowing, { base: readTime, perRequest: readTime }),
  failing: (path, data) => {
    if (Array.isArray(data)) return failing(readSteps(path, data, RATIO));
    check(path, data, [undefined, 'a number from 0 to 1, or a list of steps', (ratio: unknown) => isRatio(ratio)]);
    return failing(data as number);
  },
  outage: withOptions<OutageOptions>(outage, { from: readTime, to: readTime }),
  queueing: withOptions<QueueingOptions>(queueing, { serviceTime: readRandomTime }),
  contended: withOptions(contended, { work: readRandomTime }),
};

function isRatio(value: unknown): boolean {
  return typeof value === 'number' && value >= 0 && value <= 1;
}

/**
 * Makes the server that a scenario file describes: an object with one model by its name, or a list of such objects,
 * which a request passes in turn.
 *
 * @param path - names the value in errors: `scenario.server`
 * @throws TypeError or RangeError that names the path, the value and what was expected
 */
export function readServer(path: string, data: unknown): Server {
  if (Array.isArray(data) && data.length > 0) {
    return combine(...data.map((model, index) => readModel(`${path}[${index}]`, model)));
  }
  return readModel(path, data);
}

function readModel(path: string, data: unknown): Server {
  const isModel = (value: unknown): boolean => isOptions(value) && Object.keys(value).length === 1;
  check(path, data, [undefined, `an object with one of the models ${Object.keys(MODELS).join(', ')}`, isModel]);
  const [[name, options]] = Object.entries(data as Data) as [[string, unknown]];
  const read = Object.hasOwn(MODELS, name) ? MODELS[name] : undefined;
  if (!read) throw new TypeError(`unknown model "${path}.${name}"; known models: ${Object.keys(MODELS).join(', ')}`);
  return read(`${path}.${name}`, options);
}
