import { pino } from 'pino';
import type { Logger } from '../../src/lib/logger.js';

/** A logger whose lines are kept, for the message of a test that fails. */
export function keptLog(): { readonly logger: Logger; text(): string; clear(): void } {
  let lines: string[] = [];
  const logger = pino(
    { level: 'debug', base: null, timestamp: pino.stdTimeFunctions.isoTime },
    { write: (line: string) => void lines.push(line) },
  );
  return { logger, text: () => lines.join(''), clear: () => (lines = []) };
}
