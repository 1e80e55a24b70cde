import { cpus } from 'node:os';
import type { Connection } from 'mongoose';
import type { Knex } from '../src/databases/postgres/postgres.js';

/** What a measurement ran on, for the one who reads it later. */
export type Machine = Readonly<Record<string, string>>;

export async function machineOf(connection: Connection, knex: Knex): Promise<Machine> {
  const mongod = await connection.db!.admin().command({ buildInfo: 1 });
  const { rows } = await knex.raw<{ rows: { server_version: string }[] }>('show server_version');
  const processors = cpus();
  return {
    date: new Date().toISOString().slice(0, 10),
    processors: `${processors.length} × ${processors[0]?.model.trim() ?? 'unknown'}`,
    mongod: String(mongod['version']),
    postgres: rows[0]!.server_version,
    node: process.versions.node,
  };
}

/** `name value, name value` */
export const factsText = (facts: Readonly<Record<string, string | number>>): string =>
  Object.entries(facts)
    .map(([name, value]) => `${name} ${value}`)
    .join(', ');
