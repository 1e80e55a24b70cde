import { AsyncLocalStorage } from 'node:async_hooks';
import { MongoNetworkError } from 'mongodb';
import { Connection } from 'mongodb/lib/cmap/connection.js';
import type { Socket } from 'node:net';
import pg from 'pg';

/*
 * Sockets of the stores that break under a chosen command, as one of an action (and of no other one that runs beside it): while
 * its bytes are made, while they are sent, when its answer has come but nobody has read it yet, or never answered at all.
 */
export type Tear = 'before' | 'broken' | 'after' | 'silent';

interface Action {
  readonly tear: Tear;
  /** Which of its commands; counted down. */
  left: number;
  /** How many from there on; counted down. */
  times: number;
  /** What was torn. */
  torn: string | undefined;
}

const actions = new AsyncLocalStorage<Action>();

/**
 * Runs `work`, of whose commands the `nth` is torn, and the next ones where it is to be so many times; tells which was the first,
 * undefined when it had no so many.
 */
export async function tearing<T>(
  { nth, tear, times = 1 }: { readonly nth: number; readonly tear: Tear; readonly times?: number },
  work: () => Promise<T>,
): Promise<{ result: T; torn: string | undefined }> {
  const action: Action = { tear, left: nth, times, torn: undefined };
  const result = await actions.run(action, async () => await work());
  return { result, torn: action.torn };
}

/** In its turn: how to tear the command that is sent now; undefined for all others. */
function turn(name: string): Tear | undefined {
  const action = actions.getStore();
  if (!action || action.times === 0 || --action.left > 0) return undefined;
  action.times -= 1;
  action.torn ??= name;
  return action.tear;
}

interface Message {
  readonly command?: Record<string, unknown>;
  toBin(): Promise<Uint8Array[]>;
}

type Wire = Connection & {
  readonly established: boolean;
  readMany(options: unknown): AsyncGenerator<unknown>;
};

const torn = (): Error => new MongoNetworkError('torn by the test');

/** What the system says of a peer that is gone, while more is written than it takes at once. */
function breakPipe(socket: Socket): void {
  socket.write = () => {
    socket.destroy(Object.assign(new Error('write EPIPE'), { code: 'EPIPE', syscall: 'write', errno: -32 }));
    return false;
  };
}

/** Hooks the drivers; returns what takes the hooks off. */
export function hookDrivers(): () => void {
  const wire = Connection.prototype as Wire;
  const { writeCommand, readMany } = wire;
  const { query } = pg.Client.prototype as unknown as { query: PgQuery };
  const losing = new WeakSet<Connection>();

  wire.writeCommand = function (this: Wire, given, options) {
    const message = given as Message;
    const how = this.established ? turn(Object.keys(message.command ?? {})[0]!) : undefined;
    if (how === 'silent') return new Promise(() => undefined);
    if (how === 'after') losing.add(this);
    if (how === 'broken') breakPipe(this.socket);
    if (how === 'before') {
      const toBin = message.toBin.bind(message);
      message.toBin = async () => {
        const bytes = await toBin();
        this.cleanup(torn());
        return bytes;
      };
    }
    return writeCommand.call(this, message, options);
  };
  wire.readMany = async function* (this: Wire, options) {
    for await (const reply of readMany.call(this, options)) {
      if (!losing.delete(this)) yield reply;
      else {
        const error = torn();
        this.cleanup(error);
        throw error;
      }
    }
  };
  (pg.Client.prototype as unknown as { query: PgQuery }).query = function (config, callback, ...rest) {
    const text = typeof config === 'string' ? config : config.text;
    const how = typeof callback === 'function' ? turn(text.slice(0, 40)) : undefined;
    if (how === 'silent') return unsent(this.connection.stream, () => query.call(this, config, callback));
    if (how === 'before') this.connection.stream.destroy();
    if (how === 'broken') breakPipe(this.connection.stream);
    if (how !== 'after') return query.call(this, config, callback, ...rest);
    return query.call(this, config, () => {
      this.connection.stream.destroy();
      callback(new Error('Connection terminated unexpectedly'));
    });
  };
  return () => {
    Object.assign(wire, { writeCommand, readMany });
    Object.assign(pg.Client.prototype, { query });
  };
}

/** What is written meanwhile goes nowhere. */
function unsent(stream: Socket, act: () => unknown): unknown {
  const { write } = stream;
  stream.write = () => true;
  try {
    return act();
  } finally {
    stream.write = write;
  }
}

type PgQuery = (
  this: { connection: { stream: Socket } },
  config: string | { text: string },
  callback: (error: Error | null, result?: unknown) => void,
  ...rest: unknown[]
) => unknown;

/** So that a server in the same process does in the action's name what a request of it asks for. */
const requests = new Map<string, Action>();
let sent = 0;

/** The header to send with a request of this action. */
export function actionHeader(): Record<string, string> {
  const action = actions.getStore();
  if (!action) return {};
  requests.set(String(++sent), action);
  return { 'x-action': String(sent) };
}

export function inAction<T>(header: string, work: () => Promise<T>): Promise<T> {
  const action = requests.get(header);
  return action ? actions.run(action, work) : work();
}
