/**
 * A Blob of another library. It has the interface of the platform's Blob, but the platform's fetch does not know it.
 */
interface ForeignBlob {
  readonly size: number;
  readonly type: string;
  readonly name?: string;
  arrayBuffer(): Promise<ArrayBuffer>;
}

/** A FormData of another library. */
type ForeignForm = Iterable<readonly [string, string | ForeignBlob]>;

/** Whether an object has a method of each of these names. */
function hasMethods(body: object, ...names: readonly PropertyKey[]): boolean {
  return names.every((name) => typeof (body as Record<PropertyKey, unknown>)[name] === 'function');
}

/** Whether an object belongs to the platform, of any realm: the platform's methods throw for all others. */
function isPlatformObject(type: { readonly prototype: object }, method: string, body: object): boolean {
  try {
    (type.prototype as Record<string, (argument: unknown) => unknown>)[method]?.call(body, '');
    return true;
  } catch {
    return false;
  }
}

/** Whether an object is a Blob or a form, of the platform or of another library. */
export function isBlobOrForm(body: object): boolean {
  return (
    body instanceof Blob ||
    body instanceof FormData ||
    hasMethods(body, 'arrayBuffer', 'slice') ||
    hasMethods(body, 'append', 'getAll', Symbol.iterator)
  );
}

/** Converts a Blob or a form of another library to the platform's; `undefined` for any other body. */
export function toPlatformBody(body: unknown): Promise<Blob | FormData> | undefined {
  if (typeof body !== 'object' || !body || body instanceof Blob || body instanceof FormData || !isBlobOrForm(body)) {
    return undefined;
  }
  if (hasMethods(body, 'arrayBuffer')) {
    return isPlatformObject(Blob, 'slice', body) ? undefined : toBlob(body as ForeignBlob);
  }
  return isPlatformObject(FormData, 'has', body) || isPlatformObject(URLSearchParams, 'has', body)
    ? undefined
    : toForm(body as ForeignForm);
}

async function toBlob(body: ForeignBlob): Promise<Blob> {
  return new Blob([await body.arrayBuffer()], { type: body.type });
}

async function toForm(body: ForeignForm): Promise<FormData> {
  const form = new FormData();
  for (const [name, value] of body) {
    if (typeof value === 'string') form.append(name, value);
    else form.append(name, await toBlob(value), value.name);
  }
  return form;
}
