import { inspect } from 'node:util';

/**
 * Where one of these texts stands in a thing, or `undefined`: in its JSON, in what `util.inspect` prints of it (everything, hidden things
 * included), in its string, and in whatever can be reached through properties, own and inherited, getters and symbols, to any depth.
 */
export function reveals(thing: unknown, texts: readonly string[]): string | undefined {
  const found = (text: string, where: string): string | undefined => {
    const secret = texts.find((one) => text.includes(one));
    return secret === undefined ? undefined : `${secret} in ${where}`;
  };
  return (
    found(toJson(thing), 'JSON') ??
    found(
      inspect(thing, {
        depth: Infinity,
        showHidden: true,
        maxStringLength: null,
        maxArrayLength: null,
        breakLength: Infinity,
      }),
      'util.inspect()',
    ) ??
    walk(thing, found)
  );
}

function toJson(thing: unknown): string {
  const seen = new Set<unknown>();
  try {
    const json: unknown = JSON.stringify(thing, (_, value: unknown) => {
      if (typeof value === 'bigint') return String(value);
      if (typeof value !== 'object' || value === null) return value;
      if (seen.has(value)) return '(again)';
      seen.add(value);
      return value;
    });
    // Of undefined and functions there is no JSON.
    return typeof json === 'string' ? json : '';
  } catch {
    return '';
  }
}

type Find = (text: string, where: string) => string | undefined;

function walk(root: unknown, found: Find): string | undefined {
  const seen = new Set<unknown>();
  const queue: { readonly value: unknown; readonly path: string }[] = [{ value: root, path: 'it' }];
  for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
    const { value, path } = next;
    if (typeof value === 'string') {
      const where = found(value, path);
      if (where !== undefined) return where;
    }
    if (
      ((typeof value !== 'object' || value === null) && typeof value !== 'function') ||
      seen.has(value) ||
      seen.size > 20_000
    ) {
      continue;
    }
    seen.add(value);
    for (const { name, read } of membersOf(value)) queue.push({ value: read, path: `${path}.${name}` });
  }
  return undefined;
}

/** What an object has to show: its own properties, its prototypes' getters, and what it gives when iterated over. */
function* membersOf(holder: object): Generator<{ readonly name: string; readonly read: unknown }> {
  for (
    let owner: object | null = holder;
    owner !== null && owner !== Object.prototype && owner !== Function.prototype;
    owner = Object.getPrototypeOf(owner) as object | null
  ) {
    for (const key of Reflect.ownKeys(owner)) {
      const property = Object.getOwnPropertyDescriptor(owner, key);
      if (!property || (owner !== holder && !property.get)) continue;
      try {
        yield { name: String(key), read: Reflect.get(holder, key, holder) };
      } catch {
        // A getter that refuses tells nothing.
      }
    }
  }
  if (
    holder instanceof Map ||
    holder instanceof Set ||
    holder instanceof Headers ||
    holder instanceof URLSearchParams
  ) {
    let at = 0;
    for (const entry of holder as Iterable<unknown>) yield { name: `entry ${String(at++)}`, read: entry };
  }
}
