import { once } from 'node:events';
import { createServer, request, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { ModuleName } from '../../src/contracts/modules.js';

/** A route of the API, and the module that serves it. */
export interface Served {
  readonly method: string;
  readonly path: string;
  readonly module: ModuleName;
}

export interface Proxy {
  readonly url: string;
  /** How many requests went to each module. */
  readonly passed: Readonly<Partial<Record<ModuleName, number>>>;
  close(): Promise<void>;
}

/** `/patients/:patient_id` as it is asked for, a path of words before one with parameters. */
const patternOf = ({ path }: Served): RegExp => new RegExp(`^/api${path.replaceAll(/:\w+/g, '[^/]+')}$`);
const parameters = ({ path }: Served): number => path.split(':').length;

/** What stands in front of processes with different MODULES: a reverse proxy that routes by path. */
export async function startProxy(
  routes: readonly Served[],
  urlOf: (module: ModuleName) => string,
): Promise<Proxy> {
  const table = [...routes]
    .sort((a, b) => parameters(a) - parameters(b))
    .map((route) => ({ ...route, pattern: patternOf(route) }));
  const passed: Partial<Record<ModuleName, number>> = {};
  const moduleOf = ({ url = '/', method }: IncomingMessage): ModuleName => {
    const { pathname } = new URL(url, 'http://proxy');
    return (
      table.find((route) => route.method === method?.toLowerCase() && route.pattern.test(pathname))?.module ??
      'identity'
    );
  };
  const server = createServer((asked, answer) => {
    const module = moduleOf(asked);
    passed[module] = (passed[module] ?? 0) + 1;
    const onward = request(
      new URL(asked.url ?? '/', urlOf(module)),
      { method: asked.method, headers: asked.headers },
      (got) => {
        answer.writeHead(got.statusCode!, got.headers);
        got.pipe(answer);
      },
    );
    onward.on('error', () => answer.destroy());
    asked.pipe(onward);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    passed,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
