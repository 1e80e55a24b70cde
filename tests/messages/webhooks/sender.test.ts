import { expect } from 'chai';
import { anyAddresses, publicAddresses } from '../../../src/domains/messages/webhooks/addresses.js';
import { createSender } from '../../../src/domains/messages/webhooks/sender.js';
import { answer, neverAnswer, startReceiver, type Receiver } from './receiver.js';

/* Against real servers on this machine. The names that are looked up are made up: no test asks the DNS. */

const goesOn = new AbortController().signal;

describe('the sender of webhooks', () => {
  let receiver: Receiver;
  before(async () => void (receiver = await startReceiver()));
  after(() => receiver?.stop());
  beforeEach(() => {
    receiver.received.length = 0;
    receiver.respond = answer(204);
  });

  const open = createSender({ addressesOf: anyAddresses, deadlineMs: 300 });
  const post = (url = receiver.url) => open.post(url, { 'webhook-id': 'WD1' }, '{"é":1}', goesOn);
  /** The receiver under another name, or another spelling of its address. */
  const at = (host: string): string => receiver.url.replace('127.0.0.1', host);

  it('SUP-9: posts the body to the byte, as JSON, with the headers that it is given', async () => {
    expect(await post()).deep.equal({ last_status: 204, last_error: null });
    const [{ headers, body }] = receiver.received as [Receiver['received'][0]];
    expect(body).equal('{"é":1}');
    expect(headers).to.deep.include({
      'content-type': 'application/json',
      'content-length': '8',
      'webhook-id': 'WD1',
      host: new URL(receiver.url).host,
    });
  });

  it('SUP-9: says by which status or in which word an attempt failed', async () => {
    for (const status of [400, 404, 410, 429, 500, 503]) {
      receiver.respond = answer(status);
      expect(await post()).deep.equal({ last_status: status, last_error: 'status' });
    }
    receiver.respond = (response) => void response.destroy();
    expect(await post()).deep.equal({ last_status: null, last_error: 'connection' });
    // What speaks no TLS.
    expect(await post(receiver.url.replace('http:', 'https:'))).deep.equal({
      last_status: null,
      last_error: 'tls',
    });
    expect(await post('http://127.0.0.1:9/hook')).deep.equal({ last_status: null, last_error: 'connection' });
    expect(await post('http://no-such-host.invalid/')).deep.equal({
      last_status: null,
      last_error: 'no_public_address',
    });
  });

  it('SUP-9: follows no redirect', async () => {
    for (const status of [301, 302, 303, 307, 308]) {
      receiver.received.length = 0;
      receiver.respond = answer(status, { location: at('localhost') });
      expect(await post()).deep.equal({ last_status: status, last_error: 'redirect' });
      expect(receiver.received).to.have.length(1);
    }
  });

  it('SUP-9: ends at its deadline, whether nothing is answered or nothing is resolved', async () => {
    receiver.respond = neverAnswer;
    expect(await post()).deep.equal({ last_status: null, last_error: 'timeout' });
    const slow = createSender({ addressesOf: () => new Promise(() => undefined), deadlineMs: 100 });
    expect(await slow.post(at('slow.example'), {}, '{}', goesOn)).deep.equal({
      last_status: null,
      last_error: 'timeout',
    });
  });

  it('SUP-9: takes the status for the answer, however long or endless what follows it', async () => {
    receiver.respond = (response) => {
      response.writeHead(200);
      response.write(Buffer.alloc(10_000_000));
    };
    expect(await post()).deep.equal({ last_status: 200, last_error: null });
    receiver.respond = (response) => void response.writeHead(500).write('{');
    expect(await post()).deep.equal({ last_status: 500, last_error: 'status' });
  });

  it('SUP-9: throws when it is stopped', async () => {
    receiver.respond = neverAnswer;
    const stop = new AbortController();
    const sent = open.post(receiver.url, {}, '{}', stop.signal).catch((error: Error) => error.name);
    await receiver.hasGot(1);
    stop.abort();
    expect(await sent).equal('AbortError');
  });

  describe('to the public internet only', () => {
    const refused = { last_status: null, last_error: 'no_public_address' };
    const names = new Map<string, string[]>();
    const closed = createSender({
      addressesOf: publicAddresses((name) => Promise.resolve(names.get(name) ?? [])),
      deadlineMs: 2_000,
    });
    const try_ = (url: string) => closed.post(url, {}, '{}', goesOn);

    it('SUP-9: connects to no address of our own, however it is written', async () => {
      for (const host of [
        ...[
          '127.0.0.1',
          '127.1',
          '0x7f000001',
          '2130706433',
          '0177.0.0.1',
          '0',
          '127.0.0.1.',
          '１２７.0.0.1',
        ],
        ...['[::1]', '[::]', '[::ffff:127.0.0.1]', '[::ffff:7f00:1]', '[64:ff9b::7f00:1]', '[fe80::1]'],
        ...['10.0.0.1', '169.254.169.254', '192.168.0.1', '100.64.0.1', '[fd00::1]'],
      ])
        expect(await try_(at(host)), host).deep.equal(refused);
      expect(receiver.received).deep.equal([]);
    });

    it('SUP-9: connects to no name of such an address, nor of one among others, nor of none', async () => {
      names.set('inside.example', ['127.0.0.1']);
      names.set('mixed.example', ['1.1.1.1', '127.0.0.1']);
      names.set('mapped.example', ['::ffff:127.0.0.1']);
      for (const host of ['inside.example', 'mixed.example', 'mapped.example', 'localhost', 'none.example'])
        expect(await try_(at(host)), host).deep.equal(refused);
      expect(receiver.received).deep.equal([]);
    });

    it('SUP-9: looks at the very answer that the socket connects to (DNS rebinding)', async () => {
      let asked = 0;
      const rebinding = publicAddresses(() => Promise.resolve(asked++ === 0 ? ['1.1.1.1'] : ['127.0.0.1']));
      // As when the webhook is made.
      expect(await rebinding('rebind.example')).deep.equal(['1.1.1.1']);
      const sender = createSender({ addressesOf: rebinding, deadlineMs: 2_000 });
      expect(await sender.post(at('rebind.example'), {}, '{}', goesOn)).deep.equal(refused);
      expect(asked).equal(2);
      expect(receiver.received).deep.equal([]);
    });

    it('SUP-9: connects to what it was given, under the name of the address', async () => {
      // The one place where this machine stands for the internet.
      const sender = createSender({ addressesOf: () => Promise.resolve(['127.0.0.1']), deadlineMs: 2_000 });
      const url = at('hooks.example');
      expect(await sender.post(url, {}, '{}', goesOn)).deep.equal({ last_status: 204, last_error: null });
      expect(receiver.received[0]!.headers.host).equal(new URL(url).host);
    });
  });
});
