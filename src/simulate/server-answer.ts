import { check, checkNumber, invalidOptionMessage, isOptions, oneOf, type OptionRule } from '../util/option-rule.js';

/** Whether a response may have this status: `Response` takes no other one. */
export function isStatus(value: unknown): boolean {
  return Number.isInteger(value) && (value as number) >= 200 && (value as number) <= 599;
}

/** The rule for a response's status. */
export const STATUS: OptionRule = [200, 'a whole number from 200 to 599', isStatus];

/** The rule for the status of a response that is a failure. */
export const FAILURE_STATUS: OptionRule = [
  503,
  'a whole number from 400 to 599',
  (status: number) => isStatus(status) && status >= 400,
];

/** @throws TypeError or RangeError that names what is wrong with a model's answer */
export function checkAnswer(answer: unknown): void {
  const name = 'what scenario.server returns';
  if (answer === 'silent') return;
  const { delay, status, failure, headers, ...others } = (isOptions(answer) ? answer : {}) as Record<string, unknown>;
  if ((status === undefined) === (failure === undefined)) {
    throw new TypeError(
      invalidOptionMessage(name, answer, "{ delay, status }, { delay, failure: 'connect' or 'cut' }, or 'silent'"),
    );
  }
  const [unknown] = Object.keys(others);
  if (unknown !== undefined) {
    throw new TypeError(`unknown field "${unknown}" of ${name}; known fields: delay, status, headers, failure`);
  }
  if (status === undefined) check(`the failure of ${name}`, failure, oneOf('connect', 'cut'));
  else check(`the status of ${name}`, status, STATUS);
  if (headers !== undefined) checkHeaders(`the headers of ${name}`, headers);
  checkNumber(`the delay of ${name}`, delay, 0, true);
}

function checkHeaders(name: string, headers: unknown): void {
  check(name, headers, [undefined, "a plain object, such as { 'retry-after': '1' }", isPlain]);
  for (const [header, value] of Object.entries(headers as object)) check(`${name}["${header}"]`, value, ['', 'a text']);
}

/** A Headers or a Map has its fields elsewhere than in its entries: none of them would be sent. */
function isPlain(value: unknown): boolean {
  return isOptions(value) && typeof (value as { readonly get?: unknown }).get !== 'function';
}
