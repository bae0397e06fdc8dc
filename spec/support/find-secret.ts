import { inspect } from 'node:util';

/**
 * Returns the first of these texts that a value contains, and where, or `undefined`. It searches the value's JSON, the
 * output of `util.inspect` with hidden properties, and all strings that properties, getters and symbols lead to, own
 * and inherited, at any depth.
 */
export function findSecret(value: unknown, texts: readonly string[]): string | undefined {
  const find = (text: string, where: string): string | undefined => {
    const secret = texts.find((candidate) => text.includes(candidate));
    return secret === undefined ? undefined : `${secret} in ${where}`;
  };
  return (
    find(toJson(value), 'JSON') ??
    find(
      inspect(value, {
        depth: Infinity,
        showHidden: true,
        maxStringLength: null,
        maxArrayLength: null,
        breakLength: Infinity,
      }),
      'util.inspect()',
    ) ??
    walk(value, find)
  );
}

function toJson(value: unknown): string {
  const seen = new Set<unknown>();
  try {
    const json: unknown = JSON.stringify(value, (_, value: unknown) => {
      if (typeof value === 'bigint') return String(value);
      if (typeof value !== 'object' || value === null) return value;
      if (seen.has(value)) return '(again)';
      seen.add(value);
      return value;
    });
    // JSON.stringify() returns undefined for undefined and functions.
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

/** Yields an object's own properties, the getters of its prototypes, and its entries if it is iterable. */
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
        // A getter that throws reveals nothing.
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
