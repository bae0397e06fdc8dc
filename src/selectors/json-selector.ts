import { HttpParseError } from '../errors/http-parse-error.js';
import { checkBytes, type Chunks, type ChunkReadable, decodeUtf8 } from '../http/direct-response.js';
import type { HttpAttempt } from '../retry/attempt.js';
import { checkSchema, type StandardSchema } from '../util/standard-schema.js';
import { parseJson } from './parse-json.js';
import type { SelectorFunction } from './selector.js';
import { validateWithSchema } from './validate.js';

/** Reads the chunks of a body; `undefined` if the response has no body, or no way to read its bytes. */
export type BodyReader = (
  response: Response & Partial<ChunkReadable>,
  attempt: HttpAttempt,
) => Promise<Chunks | undefined>;

async function readAllChunks(response: Response & Partial<ChunkReadable>): Promise<Chunks | undefined> {
  // Creating a stream would cost more than all the rest of a request.
  if (response.readChunks) return response.readChunks(undefined);
  return 'arrayBuffer' in response ? [new Uint8Array(await response.arrayBuffer())] : undefined;
}

async function readJson(response: Response, attempt: HttpAttempt, readBody: BodyReader): Promise<unknown> {
  const { status } = response;
  if (status === 204 || status === 205) return undefined;
  const chunks = await readBody(response, attempt);
  if (!chunks && response.body !== null) return readWithoutStream(response, attempt);
  chunks?.forEach(checkBytes);
  const bytesRead = chunks?.reduce((sum, { byteLength }) => sum + byteLength, 0) ?? 0;
  // Other responses may be empty on purpose: with 201 or 304, or to a HEAD request.
  return parseJson(decodeUtf8(chunks ?? []), {
    response,
    attempt,
    bytesRead,
    canBeTruncated: bytesRead > 0 || (status === 200 && attempt.method !== 'HEAD'),
  });
}

/** Reads a response without a stream of bytes, such as a test double, by its own `json()`. */
async function readWithoutStream(response: Response, attempt: HttpAttempt): Promise<unknown> {
  try {
    return await response.json();
  } catch (error) {
    throw error instanceof SyntaxError
      ? new HttpParseError({ attempt, response, summary: 'the body is not JSON' })
      : error;
  }
}

/**
 * Creates the selector of {@link json}, without `maxBytes`. It is a module of its own so that a bundle that only calls
 * `getJSON` does not include the code for limits.
 */
export function jsonSelector<T>(
  schema: StandardSchema<T> | undefined,
  readBody: BodyReader = readAllChunks,
): SelectorFunction<T> {
  if (schema !== undefined) checkSchema(schema);
  return async (response, attempt) => {
    const data = (await readJson(response, attempt, readBody)) as T;
    return schema ? validateWithSchema(schema, data, attempt) : data;
  };
}
