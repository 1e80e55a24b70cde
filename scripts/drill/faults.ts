import { setTimeout as sleep } from 'node:timers/promises';
import type { MongodNode } from '../../src/databases/embedded/mongod-node.js';

export const faults = ['kill', 'stepdown', 'pause'] as const;
export type Fault = (typeof faults)[number];

const healthyMs = 60_000;

export async function primaryOf(nodes: readonly MongodNode[]): Promise<MongodNode> {
  for (const node of nodes) {
    const hello = await node.ask({ hello: 1 });
    if (hello['isWritablePrimary']) return node;
  }
  throw new Error('The set has no primary to be hit.');
}

/** Hits the primary. Returns what brings it back: starts it again, or lets it go on. */
export async function inject(fault: Fault, nodes: readonly MongodNode[]): Promise<() => Promise<void>> {
  const primary = await primaryOf(nodes);
  switch (fault) {
    case 'kill':
      await primary.kill('SIGKILL');
      return () => primary.restart();
    case 'pause':
      await primary.kill('SIGSTOP');
      return () => primary.kill('SIGCONT');
    case 'stepdown':
      await primary.ask({ replSetStepDown: 30, secondaryCatchUpPeriodSecs: 10 }, 15_000);
      return () => Promise.resolve();
  }
}

/** Waits until every member is primary or secondary again: what had to be rolled back is, by then. */
export async function waitUntilHealthy(nodes: readonly MongodNode[]): Promise<void> {
  const deadline = Date.now() + healthyMs;
  for (;;) {
    const states = await Promise.all(
      nodes.map((node) =>
        node.ask({ hello: 1 }, 2_000).then(
          (hello) => (hello['isWritablePrimary'] ? 'primary' : hello['secondary'] ? 'secondary' : 'neither'),
          () => 'silent',
        ),
      ),
    );
    const primaries = states.filter((state) => state === 'primary').length;
    const secondaries = states.filter((state) => state === 'secondary').length;
    if (primaries === 1 && secondaries === nodes.length - 1) return;
    if (Date.now() > deadline) {
      throw new Error(`The set is not whole ${healthyMs / 1000} s after the fault (${states.join(', ')}).`);
    }
    await sleep(200);
  }
}
