/** The part of the driver's own connection that `command-deadlines.ts` holds on to; the driver publishes no types of it. */
declare module 'mongodb/lib/cmap/connection.js' {
  import type { ClientSession, Document } from 'mongodb';
  import type { Socket } from 'node:net';

  interface CommandOptions {
    readonly session?: ClientSession | undefined;
    readonly maxTimeMS?: number;
  }

  export class Connection {
    readonly socket: Socket;
    readonly closed: boolean;
    /** Ends it; what waits for an answer of it fails with `error`. */
    cleanup(error: Error): void;
    command(
      namespace: unknown,
      command: Document,
      options?: CommandOptions,
      responseType?: unknown,
    ): Promise<unknown>;
    writeCommand(message: unknown, options: unknown): Promise<void>;
  }
}
