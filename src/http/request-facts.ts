import '@koa/bodyparser';
import type { Context } from 'koa';
import type { LastWrite } from '../lib/write-time.js';
import type { RequestFacts } from './route.js';

/** The client has closed its connection; nobody is told. */
export class ClientGone extends Error {
  override readonly name = 'ClientGone';

  constructor() {
    super('the client went away before it had its answer');
  }
}

/** Most requests never look at the signal, so it is made for those that do. */
export function requestFacts(
  ctx: Context,
  after?: LastWrite,
  break_glass: string | null = null,
): RequestFacts {
  let signal: AbortSignal | undefined;
  return {
    id: ctx.state['requestId'] as string,
    address: ctx.ip,
    user_agent: ctx.get('User-Agent') || null,
    raw_body: ctx.request.rawBody ?? '',
    signature: ctx.get('Payment-Signature') || null,
    after,
    break_glass,
    get signal() {
      return (signal ??= signalOf(ctx));
    },
  };
}

function signalOf({ res }: Context): AbortSignal {
  const controller = new AbortController();
  const gone = (): void => {
    if (!res.writableFinished) controller.abort(new ClientGone());
  };
  if (res.closed) gone();
  else res.once('close', gone);
  return controller.signal;
}
