import type { Document } from 'mongodb';
import type { System } from '../../src/system.js';
import { openTestSystem } from '../support/api.js';

/* A system whose reports answer from figures that are kept, without HTTP. */

export interface KeptReports {
  readonly system: System;
  collection(name: string): ReturnType<System['around']['stores']['connection']['collection']>;
  insert(documents: Readonly<Record<string, readonly Document[]>>): Promise<void>;
  close(): Promise<void>;
}

export async function openKeptReports(env: Record<string, string> = {}): Promise<KeptReports> {
  const { system, close } = await openTestSystem({ ROLLUPS: 'true', MIRROR_MEGABYTES: '256', ...env });
  const { connection } = system.around.stores;
  system.parts.start();
  return {
    system,
    collection: (name) => connection.collection(name),
    async insert(documents) {
      for (const [name, all] of Object.entries(documents))
        if (all.length > 0) await connection.collection(name).insertMany([...all]);
    },
    close,
  };
}
