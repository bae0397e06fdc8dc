import { request } from '@octokit/request';
import OpenAI from 'openai';
import { RetryClient, toFetch } from 'rxjs-retry-client';

const client = new RetryClient({ idempotencyKey: true, strategy: { attempts: 5 } });

// Its own retries would multiply with these.
export const openai = new OpenAI({ apiKey: 'a key', maxRetries: 0, fetch: toFetch(client) });
export const octokit = request.defaults({ request: { fetch: toFetch(client) } });
