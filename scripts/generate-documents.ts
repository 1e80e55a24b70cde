/**
 * Writes what is generated from the code, so that neither can say something else: docs/openapi.yaml, docs/data-model.md, the Postman
 * collection, .env.example, and the tables of settings and routes in README.md. Needs no database.
 *
 * Usage: npm run generate                 writes the files that are stale
 *        npm run generate -- --check      writes nothing; exit code 4 when a file is stale
 *        npm run generate -- --json       says as JSON what was written (or is stale)
 */
import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Command } from 'commander';
import knex from 'knex';
import mongoose from 'mongoose';
import packageJson from '../package.json' with { type: 'json' };
import { compose, type Parts } from '../src/composition.js';
import { envExample, readConfig } from '../src/config.js';
import { modules } from '../src/contracts/modules.js';
import { settings } from '../src/settings.js';
import { asYaml } from '../src/http/documents.js';
import { openApiDocument } from '../src/http/openapi.js';
import { systemClock } from '../src/lib/clock.js';
import { createLogger } from '../src/lib/logger.js';
import { permissions } from '../src/lib/permissions.js';
import { table } from '../src/lib/table.js';
import { exitCodes, runCommand, say, type ExitCode } from './command.js';
import { dataModelDocument } from './data-model.js';
import { postmanCollection, type Document } from './postman.js';

/** The API, wired. The services behind its routes have no database, and none is asked for anything. */
function allParts(): Parts {
  const stores = {
    connection: mongoose.createConnection(),
    knex: knex({ client: 'pg' }),
  };
  const secret = 'documents are generated without one';
  return compose({
    stores,
    config: readConfig({}),
    jwtSecret: secret,
    clock: systemClock,
    logger: createLogger('silent'),
  });
}

function settingsTable(): string {
  const rows = Object.entries(settings).map(([name, { about, field }]) => {
    const value = (field._flags as { default?: string | number | boolean }).default ?? '';
    return [`\`${name}\``, value === '' ? '' : `\`${value}\``, about];
  });
  return table(['variable', 'default', 'meaning'], rows);
}

function routesTable({ routesOf }: Parts): string {
  const rows = modules.flatMap((module) =>
    routesOf(module).map(({ method, path, permission, summary }) => [
      `\`${method.toUpperCase()} ${path}\``,
      module,
      permission === 'public' || permission === 'signed-in' ? permission : permissions[permission].join(', '),
      summary,
    ]),
  );
  return table(['route', 'module', 'who', 'what'], rows);
}

/** Puts `text` between `<!-- name -->` and `<!-- /name -->`. */
function between(document: string, name: string, text: string): string {
  const pattern = new RegExp(`(<!-- ${name} -->\n)[^]*?(<!-- /${name} -->)`);
  if (!pattern.test(document)) throw new Error(`README.md has no <!-- ${name} --> … <!-- /${name} -->`);
  return document.replace(pattern, (_, start: string, end: string) => `${start}${text}\n${end}`);
}

const readText = async (file: string): Promise<string> =>
  existsSync(file) ? readFile(file, 'utf8') : Promise.resolve('');

async function generated(): Promise<Record<string, string>> {
  const parts = allParts();
  const document = openApiDocument(parts.allRoutes, packageJson.version);
  const collection = postmanCollection(document as unknown as Document);
  const readme = between(await readText('README.md'), 'settings', settingsTable());
  return {
    'docs/openapi.yaml': asYaml(document),
    'docs/data-model.md': dataModelDocument(),
    'postman/SmartHealthcare.postman_collection.json': `${JSON.stringify(collection, null, 2)}\n`,
    '.env.example': envExample(),
    'README.md': between(readme, 'routes', routesTable(parts)),
  };
}

interface Options {
  readonly check?: true;
  readonly json?: true;
}

async function generate({ check, json }: Options, signal: AbortSignal): Promise<ExitCode> {
  const changed: string[] = [];
  for (const [file, text] of Object.entries(await generated())) {
    signal.throwIfAborted();
    if ((await readText(file)) === text) continue;
    changed.push(file);
    if (check) continue;
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, text);
  }
  const done = check ? 'stale' : 'written';
  const lines = changed.map((file) => `${done} ${file}\n`).join('');
  process.stdout.write(json ? `${JSON.stringify({ [done]: changed })}\n` : lines || 'All is up to date.\n');
  if (!check || changed.length === 0) return exitCodes.ok;
  say('Run npm run generate and commit what it writes.');
  return exitCodes.foundProblem;
}

const command = new Command('npm run generate --')
  .description(
    'Writes docs/openapi.yaml, docs/data-model.md, the Postman collection, .env.example and the tables of README.md.',
  )
  .option('--check', 'write nothing; exit with 4 when a file is stale')
  .option('--json', 'say it as JSON');
await runCommand<Options>(command, generate);
