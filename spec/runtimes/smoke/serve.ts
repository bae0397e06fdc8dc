import { createServer } from 'node:http';
import { exit, stdin, stdout } from 'node:process';
import { karmaServer } from '../../support/karma-server.js';
import { listen } from '../../support/node-server.js';

// The server of the checks, in a process of its own, since not every runtime can host one. It prints its origin, and ends with its standard input.
const handler = await karmaServer();
const { origin } = await listen(
  createServer({ requestTimeout: 0, keepAliveTimeout: 0 }, (request, response) => {
    handler(request, response, () => response.writeHead(404).end());
  }),
);
stdout.write(`${origin}\n`);
stdin.on('end', () => exit()).resume();
