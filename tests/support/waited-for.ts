import { ChildProcess } from 'node:child_process';
import { Socket } from 'node:net';

/* What this process has open, in lines for a person: where its connections lead, its children, its timers. */

/** Undocumented, and there in every Node; without it only the kinds of things are told. */
const handles = (): unknown[] =>
  (process as unknown as { _getActiveHandles?(): unknown[] })._getActiveHandles?.() ?? [];

/** Port → the server of the run that listens there. */
function serverNames(): Map<string, string> {
  const hosts = /^mongodb:\/\/([^/?]+)/.exec(process.env['TEST_MONGODB_URI'] ?? '')?.[1]?.split(',') ?? [];
  const names = hosts.map((host, member): [string, string] => [host.split(':')[1] ?? '', `mongod ${member}`]);
  const postgres = process.env['TEST_POSTGRES_URI'];
  if (postgres) names.push([new URL(postgres).port, 'Postgres']);
  return new Map(names);
}

function countOf(lines: readonly string[]): string[] {
  const counts = new Map<string, number>();
  for (const line of lines) counts.set(line, (counts.get(line) ?? 0) + 1);
  return [...counts].map(([line, count]) => (count > 1 ? `${count} × ${line}` : line));
}

function nameOf(handle: unknown, servers: ReadonlyMap<string, string>): string | undefined {
  if (handle instanceof ChildProcess) {
    const ended = handle.exitCode ?? handle.signalCode;
    const words = handle.spawnargs.join(' ').slice(0, 200);
    return `child process ${handle.pid ?? '?'}${ended === null ? '' : ` (ended: ${ended})`}: ${words}`;
  }
  if (!(handle instanceof Socket) || handle.remotePort === undefined) return undefined;
  const name = servers.get(String(handle.remotePort));
  return `connection to ${name ? `${name}, ` : ''}${handle.remoteAddress ?? '?'}:${handle.remotePort}`;
}

export function waitedFor(): string[] {
  const servers = serverNames();
  const named = handles().flatMap((handle) => nameOf(handle, servers) ?? []);
  const kinds = process
    .getActiveResourcesInfo()
    .filter((kind) => !['TCPSocketWrap', 'ProcessWrap'].includes(kind));
  const lines = [...countOf(named).sort(), ...countOf(kinds).sort()];
  return lines.length > 0 ? lines : ['nothing: no promise of it can be kept any more'];
}
