import type { Context, Middleware } from 'koa';
import { Problem } from '../../lib/errors.js';

/** What @koa/router leaves in `ctx.matched`: all whose pattern fits the address, whatever their method. */
interface Layer {
  readonly path: string | RegExp;
  readonly methods: readonly string[];
  readonly paramNames: readonly unknown[];
}

/**
 * The layers of the address that was asked for. Of several patterns that fit it is that of the fewest parameters:
 * `/appointments/mine` is no `/appointments/:appointment_id`. One with a wildcard says only that nothing is there.
 */
function ownLayers(ctx: Context): readonly Layer[] {
  const { matched = [] } = ctx as Context & { readonly matched?: readonly Layer[] };
  const layers = matched.filter(({ methods, path }) => methods.length > 0 && !String(path).includes('*'));
  if (layers.length < 2) return layers;
  const fewest = Math.min(...layers.map(({ paramNames }) => paramNames.length));
  return layers.filter(({ paramNames }) => paramNames.length === fewest);
}

/** Whether the address that was asked for takes the method. */
export const takesMethod = (ctx: Context): boolean =>
  ownLayers(ctx).some(({ methods }) => methods.includes(ctx.method));

/** Answers OPTIONS, and 405 where an address is somebody's and its method nobody's; `Allow` names what it takes. */
export const allowMethods: Middleware = async (ctx, next) => {
  await next();
  if (ctx.status !== 404 || (ctx.body !== undefined && ctx.body !== null)) return;
  const methods = new Set(ownLayers(ctx).flatMap((layer) => layer.methods));
  if (methods.size === 0 || methods.has(ctx.method)) return;
  ctx.set('Allow', [...methods].join(', '));
  if (ctx.method !== 'OPTIONS') throw new Problem('method_not_allowed');
  ctx.status = 200;
  ctx.body = '';
};
