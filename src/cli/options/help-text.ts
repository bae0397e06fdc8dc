import { exitCodes } from '../failures/exit-code.js';
import { wrap } from '../format.js';
import { options, type Group, type Option } from './options.js';

const intro = `Usage: rxjs-retry-client METHOD URL... [OPTIONS]
       rxjs-retry-client -X METHOD URL... [OPTIONS]
       rxjs-retry-client demo

Sends a request that survives a bad network: an attempt that fails is repeated
after a wait, on the next URL where there are several. The body goes to standard
output as it arrives, the attempts to standard error as they happen.

METHOD is any method, in any case, but CONNECT; TRACE needs another transport
than fetch. "demo" needs no network: it starts two servers on this machine, one
of them bad, and shows how requests get through.`;

const groups: readonly Group[] = ['Request', 'Retries', 'Waits between attempts', 'Time limits', 'Output'];

const notes = `TIME is a number of ms, or one with a unit: 500ms, 2s, 1.5m, 1h.

Once a part of the body was written to standard output it is never begun anew: a
body that breaks off then ends the command with 18. Redirects are followed. User
and password may stand in the URL; they are sent, and shown nowhere.`;

const examples = String.raw`Examples:
  # Up to 5 attempts, 10 s for all of them
  rxjs-retry-client get https://api.example.com/report \
      --attempts 5 --total-timeout 10s
  # Failover: the second URL takes over
  rxjs-retry-client get https://eu.example.com/f https://us.example.com/f > f
  # An order that may be sent again, since its key makes it one order
  rxjs-retry-client post https://api.example.com/orders -d @order.json \
      -H 'content-type: application/json' -H 'idempotency-key: 7d3f'
  # Wait for a server to come up
  rxjs-retry-client get http://localhost:8080/health \
      --attempts infinity --backoff constant --initial 1s
  # What happened, for a script
  rxjs-retry-client get https://api.example.com/report --json 2> attempts.ndjson`;

/** The text of `--help`, not wider than 80 columns. */
export function help(): string {
  const table = Object.entries(options);
  const parts = [
    intro,
    ...groups.map((group) => {
      const entries = table.filter(([, option]) => option.group === group);
      return `${group}:\n${entries.map(([name, option]) => entry(optionHead(name, option), option.about, 30)).join('\n')}`;
    }),
    notes,
    `Exit codes, as curl's where curl has one:\n${exitCodes.map(([code, meaning]) => entry(String(code).padStart(3), meaning, 7)).join('\n')}`,
    examples,
  ];
  return `${parts.join('\n\n')}\n`;
}

function optionHead(name: string, { short, argument }: Option<unknown>): string {
  return `${short === undefined ? '    ' : `-${short}, `}--${name}${argument === undefined ? '' : ` ${argument}`}`;
}

/** A head and its text beside it, or below it where the head is long. */
function entry(head: string, text: string, indent: number): string {
  const lines = wrap(text, 80 - indent);
  const first = head.length + 4 > indent ? `  ${head}\n${' '.repeat(indent)}` : `  ${head}`.padEnd(indent);
  return first + lines.join(`\n${' '.repeat(indent)}`);
}
