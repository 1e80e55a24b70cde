import type { Rollup } from './rollup.definition.js';

/** Every rollup of MongoDB's documents. A new one goes here and is built at the next start. */
export const rollupCatalogue: readonly Rollup[] = [];
