import type { Knex } from 'knex';
import * as billing from './0001-billing.js';

/** In the order of their names; a migration that has run is never edited. */
export const migrations: Readonly<Record<string, Knex.Migration>> = {
  '0001-billing': billing,
};
