import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import type { Mirror } from '../../../databases/mirror/mirror.js';
import type { Logger } from '../../../lib/logger.js';
import { periodic, type Periodic } from '../../../lib/periodic.js';
import type { MirrorsRepository } from './mirrors.repository.js';

const everyMs = 2_000;

/**
 * Says of this process's mirror every few seconds how it stands, for `npm run mirror -- status`, and builds it anew when somebody asks
 * (`npm run mirror -- rebuild`).
 */
export function attendMirror(mirror: Mirror, repository: MirrorsRepository, logger: Logger): Periodic {
  const _id = `${hostname()} ${process.pid} ${randomUUID().slice(0, 8)}`;
  let rebuilt_for: Date | undefined;

  async function attend(): Promise<void> {
    const sign = { ...mirror.report(), memory: process.memoryUsage().rss, rebuilt_for };
    const { rebuild_asked_at: asked } = await repository.say(_id, sign);
    if (!asked || asked.getTime() === rebuilt_for?.getTime()) return;
    await mirror.rebuild();
    rebuilt_for = asked;
  }

  const task = periodic('sign of the mirror', everyMs, attend, logger);
  return {
    start() {
      mirror.start();
      task.start();
    },
    async stop() {
      await task.stop();
      await Promise.all([mirror.stop(), repository.remove(_id).catch(() => undefined)]);
    },
  };
}
