import { EXIT_CODES } from '../failures/exit-code.js';
import { wrapWords } from '../format.js';
import { PRESETS } from '../simulate/presets.js';
import { SCENARIO_DESCRIPTIONS } from '../simulate/scenario-descriptions.js';
import { options, type OptionGroup, type Option } from './options.js';

const INTRO = `Usage: rxjs-retry-client METHOD URL... [OPTIONS]
       rxjs-retry-client -X METHOD URL... [OPTIONS]
       rxjs-retry-client demo
       rxjs-retry-client simulate SCENARIO [OPTIONS]

Sends a request that survives a bad network. A failed attempt is retried after a
wait; if there are several URLs, on the next one. The body goes to standard
output as it arrives, the attempts go to standard error as they happen.

METHOD is any method except CONNECT, in upper or lower case. TRACE needs another
transport than fetch. "demo" needs no network. It starts two servers on this
machine, one of which fails, and shows how requests get through. "simulate"
shows what strategies do to a server, in virtual time: see Simulation below.`;

const GROUPS: readonly OptionGroup[] = [
  'Request',
  'Retries',
  'Waits between attempts',
  'Time limits',
  'Output',
  'Simulation',
];

const NOTES = `TIME is a number of ms, or one with a unit: 500ms, 2s, 1.5m, 1h.

Once part of the body was written to standard output, the request is not
retried: if the body then breaks off, the exit code is 18. Redirects are
followed. A URL may contain a user and password; they are sent, but never
printed.`;

const SIMULATION_NOTE = `  SCENARIO is one of those below, or the path of a JSON file. Of the other
  options, those of retries, waits and time limits are supported, and --json and
  --quiet. Options of retries and waits make one more strategy, "yours".`;

const EXAMPLES = String.raw`Examples:
  # Up to 5 attempts, 10 s for all of them
  rxjs-retry-client get https://api.example.com/report \
      --attempts 5 --total-timeout 10s
  # Failover: the second URL takes over
  rxjs-retry-client get https://eu.example.com/f https://us.example.com/f > f
  # An order that is safe to send again, since its key identifies it
  rxjs-retry-client post https://api.example.com/orders -d @order.json \
      -H 'content-type: application/json' --idempotency-key
  # The second URL is asked, too, if the first one is silent for 300 ms
  rxjs-retry-client get https://eu.example.com/f https://us.example.com/f \
      --hedge 300ms > f
  # Wait for a server to come up
  rxjs-retry-client get http://localhost:8080/health \
      --attempts infinity --backoff constant --initial 1s
  # The events as JSON, for a script
  rxjs-retry-client get https://api.example.com/report --json 2> attempts.ndjson
  # What do 5 attempts do to a server that is overloaded?
  rxjs-retry-client simulate overload --compare none,budget --attempts 5`;

/** Returns the text of `--help`, at most 80 columns wide. */
export function helpText(): string {
  const table = Object.entries(options);
  const parts = [
    INTRO,
    ...GROUPS.map((group) => {
      const entries = table.filter(([, option]) => option.group === group);
      return `${group}:\n${entries.map(([name, option]) => formatEntry(formatOption(name, option), option.description, 30)).join('\n')}`;
    }),
    SIMULATION_NOTE,
    `Scenarios of simulate:\n${formatList(SCENARIO_DESCRIPTIONS)}`,
    `Strategies of --compare:\n${formatList(Object.fromEntries(Object.entries(PRESETS).map(([name, { description }]) => [name, description])))}`,
    NOTES,
    `Exit codes (curl's, if curl has one):\n${EXIT_CODES.map(([code, meaning]) => formatEntry(String(code).padStart(3), meaning, 7)).join('\n')}`,
    EXAMPLES,
  ];
  return `${parts.join('\n\n')}\n`;
}

function formatOption(name: string, { short, argument, isArgumentOptional }: Option<unknown>): string {
  const suffix = argument === undefined ? '' : isArgumentOptional ? `[=${argument}]` : ` ${argument}`;
  return `${short === undefined ? '    ' : `-${short}, `}--${name}${suffix}`;
}

function formatList(descriptions: Readonly<Record<string, string>>): string {
  return Object.entries(descriptions)
    .map(([name, description]) => formatEntry(name, description, 14))
    .join('\n');
}

/** Formats a term and its text beside it, or below it if the term is long. */
function formatEntry(term: string, text: string, indent: number): string {
  const lines = wrapWords(text, 80 - indent);
  const first = term.length + 4 > indent ? `  ${term}\n${' '.repeat(indent)}` : `  ${term}`.padEnd(indent);
  return first + lines.join(`\n${' '.repeat(indent)}`);
}
