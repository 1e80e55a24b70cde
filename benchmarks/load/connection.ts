import { connect, type Socket } from 'node:net';

/** One connection of a client, for one request at a time. */
export interface Connection {
  /** Sends a whole request and reads the whole answer: its status, or what the connection failed with (`ECONNRESET`). */
  ask(request: string): Promise<string>;
  close(): void;
}

interface Reading {
  /** Undefined until the head is there. */
  status?: string;
  /** Of the body still to come; undefined in chunks, or when only the end of the connection tells. */
  left?: number | undefined;
  isChunked: boolean;
  /** Whether the server ends the connection after it. */
  closes: boolean;
  /** What is not read yet of the head, or all of a body in chunks. */
  rest: Buffer;
}

const headEnd = '\r\n\r\n';
const nothing = Buffer.alloc(0);

/** Whether the chunks are all there, the one of size 0 that ends them too. */
function endsChunks(body: Buffer): boolean {
  for (let at = 0; ;) {
    const lineEnd = body.indexOf('\r\n', at);
    if (lineEnd < 0) return false;
    const size = Number.parseInt(body.toString('latin1', at, lineEnd), 16);
    if (size === 0) return body.length >= lineEnd + 4;
    at = lineEnd + 2 + size + 2;
  }
}

function readHead(reading: Reading, end: number): void {
  const head = reading.rest.toString('latin1', 0, end + 2);
  reading.rest = reading.rest.subarray(end + headEnd.length);
  reading.status = head.slice(9, 12);
  reading.closes = /\r\nconnection: *close\r\n/i.test(head);
  reading.isChunked = /\r\ntransfer-encoding: *chunked\r\n/i.test(head);
  const length = /\r\ncontent-length: *(\d+)\r\n/i.exec(head)?.[1];
  const hasNone = reading.status === '304' || reading.status === '204';
  reading.left = hasNone ? 0 : length === undefined ? undefined : Number(length);
  if (reading.left === undefined) return;
  reading.left -= reading.rest.length;
  reading.rest = nothing;
}

/** Takes in what has arrived; true when the answer is whole. */
function read(reading: Reading, chunk: Buffer): boolean {
  if (reading.status === undefined) {
    reading.rest = reading.rest.length === 0 ? chunk : Buffer.concat([reading.rest, chunk]);
    const end = reading.rest.indexOf(headEnd);
    if (end < 0) return false;
    readHead(reading, end);
  } else if (reading.left !== undefined) reading.left -= chunk.length;
  else if (reading.isChunked) reading.rest = Buffer.concat([reading.rest, chunk]);
  return reading.left === undefined ? reading.isChunked && endsChunks(reading.rest) : reading.left <= 0;
}

/**
 * A keep-alive connection that reads no more of an answer than where it ends. A client on the machine of the server takes
 * its processor: what `fetch` costs would be missing from the fast servers more than from the slow ones. It connects again
 * by itself after the server has closed.
 */
export function openConnection(host: string, port: number): Connection {
  let socket: Socket | undefined;
  let reading: Reading | undefined;
  let answer: ((status: string) => void) | undefined;

  function settle(status: string): void {
    const told = answer;
    answer = undefined;
    told?.(status);
  }

  function open(): Socket {
    const opened = connect({ host, port, noDelay: true });
    let failure: string | undefined;
    opened.on('data', (chunk) => {
      if (!reading || !read(reading, chunk)) return;
      const { status, closes } = reading;
      reading = undefined;
      if (closes) {
        socket = undefined;
        opened.destroy();
      }
      settle(status!);
    });
    opened.on('error', (error: NodeJS.ErrnoException) => (failure = error.code ?? error.name));
    opened.on('close', () => {
      if (socket !== opened) return;
      socket = undefined;
      // An answer of unknown length is whole when the connection ends.
      const isWhole = reading?.status !== undefined && reading.left === undefined && !reading.isChunked;
      settle(isWhole ? reading!.status! : (failure ?? 'closed'));
    });
    return opened;
  }

  return {
    ask(request) {
      return new Promise((resolve) => {
        answer = resolve;
        reading = { isChunked: false, closes: false, rest: nothing };
        socket ??= open();
        socket.write(request, 'latin1');
      });
    },
    close() {
      socket?.destroy();
    },
  };
}
