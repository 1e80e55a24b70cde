import type { Readable } from 'node:stream';
import type Joi from 'joi';
import type { Actor } from '../lib/actor.js';
import type { ProblemCode } from '../lib/errors.js';
import type { Infer } from '../lib/fields.js';
import type { Once } from '../lib/idempotency.js';
import type { Permission } from '../lib/permissions.js';

type Part = Joi.Schema | undefined;
type Value<P extends Part> = P extends Joi.Schema ? Infer<P> : undefined;

/** What a handler may know of the request itself. */
export interface RequestFacts {
  readonly id: string;
  /** The client's address; from `X-Forwarded-For` only behind a configured proxy. */
  readonly address: string;
  readonly user_agent: string | null;
}

export interface Input<A extends Permission, P extends Part, Q extends Part, B extends Part> {
  /** Who asks; null only on a public route without a token. */
  readonly actor: A extends 'public' ? Actor | null : Actor;
  readonly params: Value<P>;
  readonly query: Value<Q>;
  readonly body: Value<B>;
  /** The version that `If-Match` names, if it was sent. */
  readonly ifMatch: number | undefined;
  /** What the `Idempotency-Key` stands for, on a route that is `idempotent`, if it was sent. */
  readonly once: Once | undefined;
  readonly request: RequestFacts;
}

/** The same answer in another format: text, or a stream of it, and the name a browser would save it under. */
export interface Representation {
  readonly content: string | Buffer | Readable;
  readonly filename?: string;
}

export const limitNames = ['login', 'auth', 'write'] as const;
export type LimitName = (typeof limitNames)[number];

export interface Route<
  A extends Permission = Permission,
  P extends Part = Part,
  Q extends Part = Part,
  B extends Part = Part,
  R extends Part = Part,
> {
  readonly method: 'get' | 'post' | 'put' | 'patch' | 'delete';
  readonly path: string;
  readonly operationId: string;
  readonly tag: string;
  readonly summary: string;
  readonly description?: string;
  readonly permission: A;
  readonly params?: P;
  readonly query?: Q;
  readonly body?: B;
  /** 200 unless told, 204 without a `response`. */
  readonly status?: number;
  readonly response?: R;
  /** Refusals beyond those that every route of its kind can give; they are documented. */
  readonly problems?: readonly ProblemCode[];
  /** `write` for all that is not GET, unless told. */
  readonly limit?: LimitName;
  /** What else the limit counts by, beside the address: the account of a login. */
  limitKey?(body: Value<B>): string;
  /** Books or moves money: takes an `Idempotency-Key`, and hands it to the transaction as `once`. */
  readonly idempotent?: true;
  /** Answers may be kept by the client and asked again with If-None-Match; otherwise `no-store`. */
  readonly cache?: 'revalidate';
  /** Holds what changes without its version, as an age or the newest appointments do: never answered by 304. */
  readonly derived?: true;
  /** Looks at no token, not even at one that has expired: signing in and refreshing must work with it. */
  readonly ignoresToken?: true;
  /** What stands for the content, for an answer that also says when it was made; otherwise the bytes do. */
  etag?(value: Value<R>): string;
  /** Further media types of the answer, by `?format=` (the part behind the slash) or `Accept`. */
  readonly representations?: Readonly<
    Record<string, (value: Value<R>, input: Input<A, P, Q, B>) => Representation>
  >;
  handle(input: Input<A, P, Q, B>): Promise<Value<R> | void>;
}

/** Any route, with the types of its parts forgotten: what mount.ts, openapi.ts and the house tests walk over. */
export type AnyRoute = Omit<Route, 'handle' | 'limitKey' | 'etag' | 'representations'> & {
  limitKey?(body: never): string;
  etag?(value: never): string;
  representations?: Readonly<Record<string, (value: never, input: never) => Representation>>;
  handle(input: never): Promise<unknown>;
};

/** A route as typed data. It can't forget its permission: without one it does not compile. */
export function defineRoute<
  const A extends Permission,
  P extends Part = undefined,
  Q extends Part = undefined,
  B extends Part = undefined,
  R extends Part = undefined,
>(route: Route<A, P, Q, B, R>): AnyRoute {
  return route;
}
