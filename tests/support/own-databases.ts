/**
 * The names of the databases that this process has made and not dropped: what the watchdog looks into. Global, because
 * mocha loads hooks and tests by two loaders, each with a module of its own.
 */
const key = Symbol.for('smart-healthcare: own databases');
const everywhere = globalThis as unknown as Record<symbol, Set<string> | undefined>;

export const ownDatabases = (everywhere[key] ??= new Set());
