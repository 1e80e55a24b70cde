/*
 * Parse Server as its documentation starts it, on the express that comes with it, from the folder in PEER_FOLDER. Started by
 * `parse.ts`.
 */
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { serverSettings } from '../contenders/child.js';

interface Express {
  use(path: string, app: unknown): void;
  listen(port: number, host: string, ready: () => void): void;
}
interface Server {
  readonly app: unknown;
  start(): Promise<void>;
}

const require = createRequire(join(process.env['PEER_FOLDER']!, 'package.json'));
const express = require('express') as () => Express;
const { ParseServer } = require('parse-server') as { ParseServer: new (options: object) => Server };

const { port, mongodb_uri } = serverSettings();
const server = new ParseServer({
  databaseURI: mongodb_uri,
  appId: 'bench',
  masterKey: process.env['PEER_KEY'],
  masterKeyIps: ['127.0.0.1', '::1'],
  serverURL: `http://127.0.0.1:${port}/parse`,
  ...{ silent: true, logsFolder: null, logLevel: 'error' },
});
await server.start();
const app = express();
app.use('/parse', server.app);
app.listen(port, '127.0.0.1', () => undefined);
process.once('SIGTERM', () => process.exit(0));
