import { once } from 'node:events';
import { copyFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { request, type Agent } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, type SecureVersion } from 'node:tls';
import { expect } from 'chai';
import Koa from 'koa';
import { generate } from 'selfsigned';
import { readCertificate } from '../../src/http/certificate.js';
import { startServer, type RunningServer } from '../../src/http/server.js';
import { readConfig } from '../../src/config.js';
import { createLogger } from '../../src/lib/logger.js';

describe('the HTTPS listener', function () {
  this.timeout(60_000);
  let folder: string;
  let server: RunningServer;
  let certFile: string;
  let keyFile: string;

  async function make(name: string): Promise<void> {
    const { cert, private: key } = await generate([{ name: 'commonName', value: name }], { keyType: 'ec' });
    await Promise.all([
      writeFile(join(folder, `${name}.pem`), cert),
      writeFile(join(folder, `${name}.key`), key),
    ]);
  }
  const use = async (name: string): Promise<void> => {
    await copyFile(join(folder, `${name}.pem`), certFile);
    await copyFile(join(folder, `${name}.key`), keyFile);
  };
  const port = (): number => Number(new URL(server.url).port);
  async function shown(): Promise<string> {
    const socket = connect({ port: port(), host: '127.0.0.1', rejectUnauthorized: false });
    await once(socket, 'secureConnect');
    const { subject } = socket.getPeerCertificate();
    socket.destroy();
    return subject.CN as string;
  }
  async function get(agent?: Agent): Promise<{ status: number; body: string }> {
    const asking = request(server.url, { rejectUnauthorized: false, ...(agent && { agent }) }).end();
    const [response] = (await once(asking, 'response')) as [NodeJS.ReadableStream & { statusCode: number }];
    let body = '';
    for await (const chunk of response) body += String(chunk);
    return { status: response.statusCode, body };
  }
  async function comes(name: string): Promise<void> {
    const deadline = Date.now() + 20_000;
    while ((await shown()) !== name) expect(Date.now(), `${name} did not come`).lessThan(deadline);
  }

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'https-'));
    [certFile, keyFile] = [join(folder, 'cert.pem'), join(folder, 'key.pem')];
    await Promise.all(['first', 'second'].map(make));
    await use('first');
    const app = new Koa();
    app.use((ctx) => void (ctx.body = 'hello'));
    const tls = { certFile, keyFile, logger: createLogger('silent'), everyMs: 20 };
    server = await startServer(app, { host: '127.0.0.1', port: 0, tls });
  });
  after(async () => {
    await server?.stop();
    await rm(folder, { recursive: true });
  });

  it('QUAL-4: answers over TLS by the certificate of the files, and nothing in the clear', async () => {
    expect(server.url).to.match(/^https:/);
    expect(await get()).to.eql({ status: 200, body: 'hello' });
    expect(await shown()).equal('first');
    const plain = await fetch(server.url.replace('https', 'http')).catch((error: Error) => error);
    expect(plain instanceof Error || plain.status === 400).equal(true);
  });

  it('QUAL-4: speaks TLS 1.3 and 1.2, and nothing older', async () => {
    async function spoken(version: SecureVersion): Promise<string | null> {
      const socket = connect({
        ...{ port: port(), host: '127.0.0.1', rejectUnauthorized: false },
        ...{ minVersion: version, maxVersion: version, ciphers: 'DEFAULT@SECLEVEL=0' },
      });
      try {
        await once(socket, 'secureConnect');
        return socket.getProtocol();
      } catch (error) {
        return (error as NodeJS.ErrnoException).code ?? null;
      } finally {
        socket.destroy();
      }
    }
    for (const version of ['TLSv1.3', 'TLSv1.2'] as const) expect(await spoken(version)).equal(version);
    for (const version of ['TLSv1.1', 'TLSv1'] as const)
      expect(await spoken(version), version).equal('ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION');
  });

  it('QUAL-4: takes a renewed one without a restart, and half of one is not taken', async () => {
    await copyFile(join(folder, 'second.pem'), certFile);
    for (let n = 0; n < 10; n++) expect(await shown()).equal('first');
    await use('second');
    await comes('second');
    await writeFile(certFile, 'nonsense');
    for (let n = 0; n < 10; n++) expect(await shown()).equal('second');
    expect((await get()).status).equal(200);
    await use('first');
    await comes('first');
  });

  it('QUAL-4: says what is wrong with the files, and does not start', async () => {
    const said = (files: { certFile: string; keyFile: string }): Promise<string> =>
      readCertificate(files).then(
        () => 'nothing',
        ({ message }: Error) => message,
      );
    const pem = (name: string): string => join(folder, name);
    expect(await said({ certFile: pem('none'), keyFile })).to.match(/^TLS_CERT_FILE cannot be read/);
    expect(await said({ certFile: pem('first.pem'), keyFile: pem('none') })).to.match(/^TLS_KEY_FILE cannot/);
    for (const other of ['second.key', 'first.pem'])
      expect(await said({ certFile: pem('first.pem'), keyFile: pem(other) })).to.match(
        /no certificate and its key/,
      );
    for (const one of ['TLS_CERT_FILE', 'TLS_KEY_FILE'])
      expect(() => readConfig({ NODE_ENV: 'test', [one]: certFile })).to.throw('go together');
  });
});
