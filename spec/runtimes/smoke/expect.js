// The few assertions of the checks: not every runtime has node:assert.

/** Fails unless two values are written alike as JSON. */
export function equal(actual, expected, what = 'the value') {
  const [got, wanted] = [actual, expected].map((value) => JSON.stringify(value) ?? String(value));
  if (got !== wanted) throw new Error(`${what} is ${got}, not ${wanted}`);
}

/** Fails unless a condition holds. */
export function ok(condition, what) {
  if (!condition) throw new Error(`it does not hold that ${what}`);
}

/** Fails unless a promise rejects with an error of this name; returns the error. */
export async function rejects(promise, name) {
  let value;
  try {
    value = await promise;
  } catch (error) {
    if (error?.name !== name) {
      throw new Error(`the error is ${error?.name}: ${error?.message}, not ${name}`, { cause: error });
    }
    return error;
  }
  throw new Error(`${name} was expected, and not the value ${JSON.stringify(value) ?? String(value)}`);
}
