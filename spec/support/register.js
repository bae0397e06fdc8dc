// Registers ts-node, so that Node loads TypeScript sources: `node --import ./spec/support/register.js file.ts`.
import { register } from 'node:module';

register('ts-node/esm', import.meta.url);
register('./resolve-examples.js', import.meta.url);
register('./cache-compiled.js', import.meta.url);
register('./resolve-nest.js', import.meta.url);
if (process.env.SPEC_PEERS) register('./resolve-peers.js', import.meta.url);
