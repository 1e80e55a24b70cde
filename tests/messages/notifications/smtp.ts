import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';

/** What a mail server was given: the envelope, the header fields by their names in lower case, and the rest. */
export interface Delivered {
  readonly from: string;
  readonly to: string[];
  readonly headers: Readonly<Record<string, string>>;
  readonly content: string;
}

export interface TestSmtp {
  readonly url: string;
  readonly delivered: Delivered[];
  /** Refuses the commands it answers an SMTP code for: `refuse.rcpt = (address) => 550`. */
  readonly refuse: {
    from?: ((address: string) => number | undefined) | undefined;
    rcpt?: ((address: string) => number | undefined) | undefined;
    data?: ((address: string) => number | undefined) | undefined;
  };
  /** Resolves when a server that is `silent` has been asked to take an email. */
  readonly asked: Promise<void>;
  /** Ends it and its connections; `start` opens it again on the same port. */
  stop(): Promise<void>;
  start(): Promise<void>;
}

const refusal = (responseCode: number): Error =>
  Object.assign(new Error('refused by the test'), { responseCode });

function read(raw: string, from: string, to: string[]): Delivered {
  const end = raw.indexOf('\r\n\r\n');
  const lines = raw
    .slice(0, end)
    .replaceAll(/\r\n[ \t]+/g, ' ')
    .split('\r\n');
  const headers = lines.map((line) => [line.split(':')[0]!.toLowerCase(), line.replace(/^[^:]*: ?/, '')]);
  return {
    from,
    to,
    headers: Object.fromEntries(headers) as Record<string, string>,
    content: raw.slice(end + 4),
  };
}

/** A real mail server on a free port. A `silent` one never says whether it takes a recipient. */
export async function startSmtp({ silent = false } = {}): Promise<TestSmtp> {
  const delivered: Delivered[] = [];
  const refuse: TestSmtp['refuse'] = {};
  let ask = (): void => undefined;
  const asked = new Promise<void>((resolve) => (ask = resolve));
  const options: SMTPServerOptions = {
    authOptional: true,
    disabledCommands: ['STARTTLS', 'AUTH'],
    closeTimeout: 20,
    onMailFrom({ address }, _session, done) {
      const code = refuse.from?.(address);
      done(code ? refusal(code) : null);
    },
    onRcptTo({ address }, _session, done) {
      ask();
      const code = refuse.rcpt?.(address);
      if (!silent) done(code ? refusal(code) : null);
    },
    onData(stream, { envelope }, done) {
      const to = envelope.rcptTo.map(({ address }) => address);
      const from = envelope.mailFrom ? envelope.mailFrom.address : '';
      void text(stream).then((raw) => {
        const code = refuse.data?.(to[0]!);
        if (!code) delivered.push(read(raw, from, to));
        done(code ? refusal(code) : null);
      });
    },
  };
  let server: SMTPServer;
  let port = 0;
  async function start(): Promise<void> {
    server = new SMTPServer(options);
    server.on('error', () => undefined);
    await once(server.listen(port, '127.0.0.1'), 'listening');
    ({ port } = server.server.address() as AddressInfo);
  }
  await start();
  return {
    url: `smtp://127.0.0.1:${port}`,
    delivered,
    refuse,
    asked,
    start,
    stop: () => new Promise((resolve) => server.close(resolve)),
  };
}
