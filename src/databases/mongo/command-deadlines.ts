import {
  MongoError,
  MongoNetworkError,
  MongoNetworkTimeoutError,
  type ClientSession,
  type Document,
} from 'mongodb';
import { Connection, type CommandOptions } from 'mongodb/lib/cmap/connection.js';
import type { Socket } from 'node:net';
import { deadlines } from '../deadlines.js';

/*
 * The driver has no deadline for a command (mongodb 7.8: `timeoutMS` does nothing, `signal` is for reads only, the socket's
 * own timeout looks at bytes and is off with the socket), and one way to wait for ever. So every command passes by here, on
 * whatever way it was sent: mongoose, a collection, a cursor, a session's commit (docs/decisions/0015).
 */

/** Named as the driver names what passes, so that it is tried again, and answered with 503. Without a label: the driver shall not. */
export class AttemptOver extends MongoError {
  override get name(): string {
    return 'MongoNetworkAttemptOver';
  }
}

/** When the attempt that a session is for must be over, by `performance.now()`. */
const attempts = new WeakMap<ClientSession, number>();

/** From now on the session's commands end with its attempt, and after it nothing but its end is sent: nothing commits late. */
export function endWithAttempt(session: ClientSession, ms: number): void {
  attempts.set(session, performance.now() + ms);
}

const reads = new Set([
  'find',
  'aggregate',
  'count',
  'distinct',
  'listIndexes',
  'listCollections',
  'ping',
  'hello',
]);
const long = new Set(['createIndexes', 'dropIndexes', 'create', 'collMod', 'drop', 'dropDatabase']);
/** The statements of a write. */
const many = 100;

const isLimit = (ms: unknown): ms is number => typeof ms === 'number' && ms > 0;

/** How long a command may be without an answer. Where the server has a limit of its own, it has the first word. */
export function limitOf(command: Document, options: CommandOptions = {}): number {
  const { readMs, writeMs, batchMs, longMs, graceMs } = deadlines();
  const name = Object.keys(command)[0]!;
  const explained = (command['explain'] as Document | undefined)?.['maxTimeMS'] as unknown;
  const own = [command['maxTimeMS'], explained, options.maxTimeMS].find(isLimit);
  // A change stream's says how long to wait for news, not how long to look through what was before.
  if (name === 'getMore' && isLimit(command['maxTimeMS'])) return Math.max(batchMs, own! + graceMs);
  if (own !== undefined) return own + graceMs;
  if (reads.has(name) || name === 'getMore') return readMs + graceMs;
  if (long.has(name)) return longMs;
  const statements = (command['documents'] ?? command['updates'] ?? command['deletes']) as unknown;
  return Array.isArray(statements) && statements.length > many ? batchMs : writeMs;
}

/** What is left of the attempt; what ends a transaction, and frees its locks, has a moment more. */
function leftOf(command: Document, session: ClientSession | undefined): number {
  const until = session && attempts.get(session);
  if (until === undefined) return Infinity;
  return 'abortTransaction' in command ? deadlines().graceMs : until - performance.now();
}

/**
 * A socket that is destroyed answers `write` with false, as a full one does, and the driver waits for a `drain` that never
 * comes: it looks whether a connection is closed before it makes the bytes of a command, not after. So such a write throws,
 * which the driver takes for a lost connection; and a socket that closes while one waits for its `drain` says so as an error.
 */
function endWritesWith(socket: Socket): void {
  const write = socket.write.bind(socket) as (...args: unknown[]) => boolean;
  socket.write = (...args: unknown[]) => {
    if (socket.destroyed) throw new Error('the socket is closed');
    return write(...args);
  };
  socket.once('close', () => socket.emit('error', new MongoNetworkError('the socket was closed')));
}

const { command: send, writeCommand: write } = Connection.prototype;
if (typeof send !== 'function' || typeof write !== 'function')
  throw new Error(
    'This version of the mongodb driver sends commands in another way: see command-deadlines.ts.',
  );

const watched = new WeakSet<Socket>();

/** Node's own. */
const isOfSocket = (error: unknown): error is NodeJS.ErrnoException =>
  error instanceof Error && 'syscall' in error;

Connection.prototype.writeCommand = async function (message, options) {
  if (!watched.has(this.socket)) {
    watched.add(this.socket);
    endWritesWith(this.socket);
  }
  try {
    await write.call(this, message, options);
  } catch (error) {
    // While it waits for `drain` the driver hands on what the socket says (EPIPE, ECONNRESET) as it is, and nobody tries again.
    throw isOfSocket(error) ? new MongoNetworkError(error.message, { cause: error }) : error;
  }
};

Connection.prototype.command = function (namespace, command, options, responseType) {
  const left = leftOf(command, options?.session);
  if (left <= 0) return Promise.reject(new AttemptOver('the attempt that this command is of is over'));
  return new Promise((resolve, reject) => {
    const ms = Math.min(limitOf(command, options), left);
    const timer = setTimeout(() => {
      const error = new MongoNetworkTimeoutError(`no answer to ${Object.keys(command)[0]} within ${ms} ms`);
      this.cleanup(error);
      reject(error);
    }, ms);
    send.call(this, namespace, command, options, responseType).then(
      (answer) => {
        clearTimeout(timer);
        resolve(answer);
      },
      (error: Error) => {
        clearTimeout(timer);
        reject(error);
      },
    );
  });
};
