import { loadConfig } from '../src/config.js';
import { createLogger } from '../src/lib/logger.js';
import { closeMs, endWithin } from '../src/stop-signal.js';
import { openSystem, type System } from '../src/system.js';

/** Runs `use` on the configured system, and closes that at its end, its failure or a stop. */
export async function withSystem<T>(signal: AbortSignal, use: (system: System) => Promise<T>): Promise<T> {
  const system = await openSystem({ config: loadConfig(), logger: createLogger('warn') });
  try {
    signal.throwIfAborted();
    return await use(system);
  } finally {
    const forced = endWithin(closeMs);
    await system.close();
    clearTimeout(forced);
  }
}
