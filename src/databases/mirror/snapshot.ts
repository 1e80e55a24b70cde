import { hash } from 'node:crypto';
import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { constants, deflateRaw, inflateRaw } from 'node:zlib';
import { loggable, type Logger } from '../../lib/logger.js';
import { keptSecret } from '../secrets.js';
import type { MirrorStore } from './duckdb.js';
import { rest } from './following.js';
import type { MirrorPlaces, MirrorTables } from './mirror.types.js';
import { readSealed, Unsealable, writeSealed } from './sealed-file.js';

export interface SnapshotOptions {
  /** Of the system: the file, and the key that it is sealed with, which is made there once. */
  readonly dataDir: string;
  /** Between two of them. */
  readonly minutes: number;
  /** What the values of the columns depend on beside the tables. */
  readonly zone: string;
}

const [deflate, inflate] = [promisify(deflateRaw), promisify(inflateRaw)];
/** The rows take half of their bytes then; more of the processor would gain little. */
const level = constants.Z_BEST_SPEED;
/** What another version of the program has left, or a process that was killed, is not written any more then. */
const leftMs = 86_400_000;
/** Raised when the same tables come to be told otherwise. */
const version = 1;

async function* mapped(
  frames: AsyncIterable<Buffer>,
  change: (frame: Buffer) => Promise<Buffer>,
): AsyncGenerator<Buffer, void> {
  for await (const frame of frames) yield change(frame);
}

async function sweep(folder: string): Promise<void> {
  for (const name of await readdir(folder).catch(() => [])) {
    const found = await stat(join(folder, name)).catch(() => undefined);
    if (found && Date.now() - found.mtimeMs > leftMs) await rm(join(folder, name), { force: true });
  }
}

/** Rows from the disk, sealed, so that a start need not read all records again: it goes on from where they stand. */
export function createSnapshot(
  tables: MirrorTables,
  { dataDir, minutes, zone }: SnapshotOptions,
  logger: Logger,
) {
  // Another version of the tables has another file: what one process cannot read another one may.
  const shape = JSON.stringify([version, zone, process.versions['tz'], tables], (_, value: unknown) =>
    typeof value === 'function' ? String(value) : value,
  );
  const folder = join(dataDir, 'mirror');
  const file = join(folder, `${hash('sha256', shape).slice(0, 16)}.sealed`);
  /** What the file has is nearly what the rows are. */
  let isSaved = false;
  const key = async (): Promise<Buffer> => {
    const secret = await keptSecret(
      join(dataDir, 'mirror-key'),
      'remove it and start again (the rows are read anew).',
    );
    return hash('sha256', `snapshot of the mirror ${secret}`, 'buffer');
  };

  return {
    /** Fills a store that is empty; undefined where there is nothing that can be trusted, and the store is empty then. */
    async load(into: MirrorStore): Promise<MirrorPlaces | undefined> {
      const started = performance.now();
      isSaved = false;
      try {
        const places = await into.unpack(mapped(readSealed(file, await key()), (frame) => inflate(frame)));
        logger.info({ seconds: (performance.now() - started) / 1000 }, 'the mirror has read its snapshot');
        isSaved = true;
        return places;
      } catch (error) {
        await Promise.all((['mongodb', 'postgres'] as const).map((side) => into.empty(side)));
        if ((error as NodeJS.ErrnoException).code !== 'ENOENT')
          logger.warn(
            {
              file,
              ...(error instanceof Unsealable ? { reason: error.message } : { error: loggable(error) }),
            },
            'the snapshot of the mirror cannot be used: all records are read anew',
          );
        return undefined;
      }
    },

    forget: (): Promise<void> => rm(file, { force: true }),

    /** Saves the rows when they are whole, and every so often, until the signal is given. */
    async keep(from: MirrorStore, isWhole: () => boolean, signal: AbortSignal): Promise<void> {
      for (let waits = isSaved; ; waits = true) {
        if (waits) await rest(minutes * 60_000, signal);
        while (!isWhole() && !signal.aborted) await rest(200, signal);
        if (signal.aborted) return;
        try {
          const frames = mapped(from.pack(), (frame) => deflate(frame, { level }));
          await sweep(folder);
          if (await writeSealed(file, await key(), frames, signal))
            logger.debug('the mirror has saved its snapshot');
        } catch (error) {
          if (!signal.aborted)
            logger.warn({ file, error: loggable(error) }, 'the snapshot of the mirror could not be saved');
        }
      }
    },
  };
}
