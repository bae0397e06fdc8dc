import Ajv from 'ajv';
import draft06 from 'ajv/dist/refs/json-schema-draft-06.json' with { type: 'json' };
import addFormats from 'ajv-formats';
import schemas from 'har-schema';

import type { Har } from '../../src/har/index.js';

const ajv = new Ajv.default({ strict: false, allErrors: true });
addFormats.default(ajv);
ajv.addMetaSchema(draft06);
ajv.addSchema(Object.values(schemas).filter((schema) => '$id' in schema));
const validate = ajv.getSchema('har.json#')!;

/**
 * Returns what is wrong with a HAR file: by the published schema, and by the rules that the schema does not have.
 * Strings, as JSON has them, go in and out: what cannot be written as JSON is not in the file.
 */
export function findHarErrors(file: Har): string[] {
  const har = JSON.parse(JSON.stringify(file)) as Har;
  const errors = validate(har)
    ? []
    : validate.errors!.map(({ instancePath, message }) => `${instancePath} ${message ?? ''}`);
  const pages = new Set(har.log.pages.map(({ id }) => id));
  har.log.entries.forEach((entry, index) => {
    const { blocked, send, wait, receive } = entry.timings;
    const at = `entry ${String(index)}`;
    if (!pages.has(entry.pageref)) errors.push(`${at} is of no page`);
    if (![blocked, send, wait, receive].every((time) => Number.isFinite(time) && time >= 0)) {
      errors.push(`${at} has a timing that is no time`);
    }
    if (Math.abs(blocked + send + wait + receive - entry.time) > 0.001) {
      errors.push(`${at} is not the sum of its timings`);
    }
    if (new URL(entry.request.url).hash !== '') errors.push(`${at} has a fragment`);
    errors.push(...findImportErrors(entry).map((error) => `${at}: ${error}`));
  });
  return errors;
}

/** The rules of the importer of Chromium's developer tools: these fields are read without a question. */
function findImportErrors(entry: Har['log']['entries'][number]): string[] {
  const numbers = {
    time: entry.time,
    'request.headersSize': entry.request.headersSize,
    'request.bodySize': entry.request.bodySize,
    'response.status': entry.response.status,
    'response.headersSize': entry.response.headersSize,
    'response.bodySize': entry.response.bodySize,
    'response.content.size': entry.response.content.size,
    'timings.send': entry.timings.send,
    'timings.wait': entry.timings.wait,
    'timings.receive': entry.timings.receive,
  };
  const errors = Object.entries(numbers).flatMap(([name, value]) =>
    Number.isFinite(value) ? [] : [`${name} is no number`],
  );
  if (Number.isNaN(new Date(entry.startedDateTime).getTime())) errors.push('startedDateTime is no date');
  if (entry.request.postData && typeof entry.request.postData.text !== 'string') errors.push('postData has no text');
  return errors;
}
