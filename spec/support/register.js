// Lets Node load the TypeScript sources as they are: `node --import ./spec/support/register.js file.ts`.
import { register } from 'node:module';

register('ts-node/esm', import.meta.url);
