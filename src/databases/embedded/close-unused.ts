import { rm } from 'node:fs/promises';
import { closeUnused } from './index.js';

/**
 * Run by a keeper when the process that it was for has died: stops the servers of a data folder unless somebody else uses
 * them. Usage: close-unused.ts <data folder> [--remove]
 */
const [dataDir = '', remove] = process.argv.slice(2);
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(name, () => undefined);
await closeUnused(dataDir, () => undefined);
// Something may still be dying in it.
if (remove) await rm(dataDir, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
