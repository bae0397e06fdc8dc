import { HttpParseError } from '../errors/http-parse-error.js';
import { checkBytes, type Chunks, type ChunkReadable, decodeUtf8 } from '../http/direct-response.js';
import type { HttpAttempt } from '../retry/attempt.js';
import { checkSchema, type StandardSchema } from '../util/standard-schema.js';
import { parseJson } from './parse-json.js';
import { validated } from './schema.js';
import type { SelectorFunction } from './selector.js';

/** Gives the chunks of a body; `undefined` where there is none, or no stream of it. */
export type ChunksReader = (
  response: Response & Partial<ChunkReadable>,
  attempt: HttpAttempt,
) => Promise<Chunks | undefined>;

async function allChunks(response: Response & Partial<ChunkReadable>): Promise<Chunks | undefined> {
  // A stream in between would cost more than all the rest of a request.
  if (response.readChunks) return response.readChunks(undefined);
  return 'arrayBuffer' in response ? [new Uint8Array(await response.arrayBuffer())] : undefined;
}

async function read(response: Response, attempt: HttpAttempt, chunksOf: ChunksReader): Promise<unknown> {
  const { status } = response;
  if (status === 204 || status === 205) return undefined;
  const pieces = await chunksOf(response, attempt);
  if (!pieces && response.body !== null) return readOwn(response, attempt);
  pieces?.forEach(checkBytes);
  const size = pieces?.reduce((sum, { byteLength }) => sum + byteLength, 0) ?? 0;
  // Other answers may be empty on purpose: 201, 304, or what answers a HEAD.
  return parseJson(decodeUtf8(pieces ?? []), {
    response,
    attempt,
    size,
    open: size > 0 || (status === 200 && attempt.method !== 'HEAD'),
  });
}

/** A response without a stream, such as one that a test made, is read in its own way. */
async function readOwn(response: Response, attempt: HttpAttempt): Promise<unknown> {
  try {
    return await response.json();
  } catch (error) {
    throw error instanceof SyntaxError
      ? new HttpParseError({ attempt, response, summary: 'the body is not JSON' })
      : error;
  }
}

/** The core of {@link json}, for whoever needs no limit: so a client that only calls `getJSON` bundles no more than that takes. */
export function jsonOf<T>(
  schema: StandardSchema<T> | undefined,
  chunksOf: ChunksReader = allChunks,
): SelectorFunction<T> {
  if (schema !== undefined) checkSchema(schema);
  return async (response, attempt) => {
    const data = (await read(response, attempt, chunksOf)) as T;
    return schema ? validated(schema, data, attempt) : data;
  };
}
