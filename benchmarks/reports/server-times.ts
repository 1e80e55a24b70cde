import { setTimeout as sleep } from 'node:timers/promises';

/** How long requests took in the server, as its log says: from when it had read their head until it had their answer. */
export interface ServerTimes {
  /** Takes in a line of the log; what tells of no request is handed on. */
  onLine(line: string): void;
  /** Milliseconds, by the id that the request was sent with. Throws when it is not logged within some seconds. */
  of(requestId: string): Promise<number>;
}

interface RequestLine {
  /** As the request was sent with it. */
  readonly client_request_id?: string;
  readonly ms: number;
}

const isOfRequest = (line: string): boolean => line.startsWith('{') && line.includes('"msg":"request"');
const withinMs = 10_000;
const lookMs = 5;

export function createServerTimes(other: (line: string) => void): ServerTimes {
  const known = new Map<string, number>();
  /** pino's numbers of `warn` and more. */
  const isSerious = (line: string): boolean => !line.startsWith('{') || !/"level":[123]0\b/.test(line);
  return {
    onLine(line) {
      if (!isOfRequest(line)) return isSerious(line) ? other(line) : undefined;
      const { client_request_id: id, ms } = JSON.parse(line) as RequestLine;
      if (id !== undefined) known.set(id, ms);
    },
    async of(requestId) {
      for (const deadline = performance.now() + withinMs; ; await sleep(lookMs)) {
        const ms = known.get(requestId);
        if (ms !== undefined) {
          known.delete(requestId);
          return ms;
        }
        if (performance.now() > deadline) throw new Error('The API has not logged a request.');
      }
    },
  };
}
