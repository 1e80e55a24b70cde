import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import Koa, { type Context } from 'koa';
import { verifyToken } from '../../src/http/middleware/verify-token.js';
import type { Parts } from '../../src/composition.js';
import { inTurns } from '../contenders/questions.js';

const authentications = 10_000;
const noNext = (): Promise<void> => Promise.resolve();

/** A request with this token, as the middleware sees it. */
function contextOf(app: Koa, token: string): Context {
  const request = new IncomingMessage(new Socket());
  Object.assign(request, { method: 'GET', url: '/', headers: { authorization: `Bearer ${token}` } });
  return app.createContext(request, new ServerResponse(request));
}

/**
 * Microseconds of processor that it takes to know who asks: the token is verified, and its session looked up, which is
 * remembered for a second. In this process and without HTTP: as the difference of two kinds of requests it would be lost in
 * the noise of all else that they cost.
 */
export async function authenticationUs(
  { tokens, sessions }: Pick<Parts, 'tokens' | 'sessions'>,
  accessTokens: readonly string[],
): Promise<number> {
  const verify = verifyToken(tokens);
  const app = new Koa();
  const context = inTurns(accessTokens.map((token) => contextOf(app, token)));
  async function run(times: number): Promise<void> {
    for (let n = 0; n < times; n += 1) {
      const ctx = context(n);
      await verify(ctx, noNext);
      if (!(await sessions.actorOf(ctx.state['claims']))) throw new Error('A reader is not signed in.');
    }
  }
  await run(authentications / 4);
  const start = process.cpuUsage();
  await run(authentications);
  const { user, system } = process.cpuUsage(start);
  return (user + system) / authentications;
}
