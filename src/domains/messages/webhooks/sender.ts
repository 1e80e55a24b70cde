import { request as requestHttp, type RequestOptions } from 'node:http';
import { request as requestHttps } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import { NoPublicAddress, type AddressesOf } from './addresses.js';
import type { Outcome, WebhookError } from './webhooks.types.js';

export interface SenderDeps {
  readonly addressesOf: AddressesOf;
  /** Of an attempt, from the question to the DNS to the answer. */
  readonly deadlineMs?: number;
}

export interface Sender {
  /** One attempt; it ends within the deadline, and never throws but for `signal`. */
  post(
    url: string,
    headers: Readonly<Record<string, string>>,
    body: string,
    signal: AbortSignal,
  ): Promise<Outcome>;
}

/** What is read of an answer, and thrown away: its status says all. */
const mostBytes = 64 * 1024;

/** What a URL's host is to a socket: IPv6 without brackets. */
export const hostOf = (url: URL): string => url.hostname.replace(/^\[|\]$/g, '');

/** Asked by the socket that connects: there is no other answer between what is looked at and where it goes. */
const lookupBy =
  (addressesOf: AddressesOf): LookupFunction =>
  (hostname, { all }, callback) => {
    addressesOf(hostname).then(
      (addresses) => {
        const found = addresses.map((address) => ({ address, family: isIP(address) }));
        if (all) callback(null, found);
        else callback(null, found[0]!.address, found[0]!.family);
      },
      (error: Error) => callback(error, ''),
    );
  };

/** The status of the answer; its body is let go. A redirect is an answer like any other: node follows none. */
function statusOf(url: URL, options: RequestOptions, body: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const request = (url.protocol === 'https:' ? requestHttps : requestHttp)(url, options);
    let status: number | undefined;
    request.once('response', (response) => {
      status = response.statusCode;
      let bytes = 0;
      response.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
        if (bytes > mostBytes) response.destroy();
      });
      response.on('error', () => undefined);
    });
    // What is broken off after its status, by whichever side, has an answer all the same.
    request.once('error', (error) => status === undefined && reject(error));
    request.once('close', () => (status === undefined ? reject(new Error('no answer')) : resolve(status)));
    request.end(body);
  });
}

/** OpenSSL's codes have no prefix of their own. */
const isTls = (code: string): boolean =>
  /^(ERR_(TLS|SSL)_|EPROTO$|CERT_|UNABLE_TO_|(DEPTH_ZERO_)?SELF_SIGNED_)/.test(code);

function errorOf(error: unknown, isLate: boolean): WebhookError {
  if (isLate) return 'timeout';
  if (error instanceof NoPublicAddress) return 'no_public_address';
  return isTls(String((error as { code?: unknown }).code)) ? 'tls' : 'connection';
}

function outcomeOf(status: number): Outcome {
  if (status >= 200 && status < 300) return { last_status: status, last_error: null };
  return { last_status: status, last_error: status >= 300 && status < 400 ? 'redirect' : 'status' };
}

/** Posts to addresses that users have given, and to none but those that `addressesOf` allows. */
export function createSender({ addressesOf, deadlineMs = 5_000 }: SenderDeps): Sender {
  const lookup = lookupBy(addressesOf);
  return {
    async post(given, headers, body, stopped) {
      const late = AbortSignal.timeout(deadlineMs);
      const signal = AbortSignal.any([late, stopped]);
      const url = new URL(given);
      try {
        // A socket looks up no address that is one already.
        if (isIP(hostOf(url))) await addressesOf(hostOf(url));
        const length = { 'content-length': `${Buffer.byteLength(body)}` };
        const type = { 'content-type': 'application/json', 'user-agent': 'smart-healthcare-webhooks' };
        const options = {
          method: 'POST',
          headers: { ...type, ...length, ...headers },
          lookup,
          signal,
          agent: false,
        };
        return outcomeOf(await statusOf(url, { ...options, maxHeaderSize: 16_384 }, body));
      } catch (error) {
        stopped.throwIfAborted();
        return { last_status: null, last_error: errorOf(error, late.aborted) };
      }
    },
  };
}
