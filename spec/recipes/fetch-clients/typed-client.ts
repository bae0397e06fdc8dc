import createClient from 'openapi-fetch';
import { RetryClient, toFetch } from 'rxjs-retry-client';

/** As openapi-typescript makes it of an OpenAPI document. */
interface paths {
  '/users/{id}': {
    get: {
      parameters: { path: { id: number } };
      responses: { 200: { content: { 'application/json': { name: string } } } };
    };
  };
}

const client = new RetryClient({ strategy: { attempts: 5 } });

export const api = createClient<paths>({ baseUrl: 'https://api.example.com/', fetch: toFetch(client) });
export const user = (id: number) => api.GET('/users/{id}', { params: { path: { id } } });
