import { pino, type Logger as PinoLogger } from 'pino';

export type Logger = Pick<PinoLogger, 'info' | 'warn' | 'error' | 'debug' | 'fatal'>;

/** Structured logs on stderr. Bodies, queries and names are never handed to it: what is logged is listed at the call. */
export function createLogger(level: string): PinoLogger {
  return pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      redact: ['authorization', '*.authorization'],
    },
    pino.destination(2),
  );
}

/**
 * What of an error may be logged: its name, code and where it was thrown. The message only of the language's own
 * errors: a driver puts the values of a document into its messages.
 */
export function loggable(error: unknown): Record<string, unknown> {
  if (!(error instanceof Error)) return { name: typeof error };
  const { name, stack = '', message } = error;
  const frames = stack.split('\n').filter((line) => line.trimStart().startsWith('at '));
  const own = /^(Type|Range|Reference|Syntax|Assertion)?Error$/.test(name);
  return {
    name,
    code: (error as { code?: unknown }).code,
    ...(own ? { message } : {}),
    frames: frames.slice(0, 12),
  };
}
