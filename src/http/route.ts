import type { Readable } from 'node:stream';
import type Joi from 'joi';
import type { Actor } from '../lib/actor.js';
import type { RecordAction } from '../lib/audited.js';
import type { ProblemCode } from '../lib/errors.js';
import type { FeatureName } from '../lib/features.js';
import type { Infer } from '../lib/fields.js';
import type { Once } from '../lib/idempotency.js';
import type { Permission } from '../lib/permissions.js';
import type { LastWrite } from '../lib/write-time.js';

type Part = Joi.Schema | undefined;
type Value<P extends Part> = P extends Joi.Schema ? Infer<P> : undefined;

/** What a handler may know of the request itself. */
export interface RequestFacts {
  readonly id: string;
  /** The client's address; from `X-Forwarded-For` only behind a configured proxy. */
  readonly address: string;
  readonly user_agent: string | null;
  /** The body to the byte, as text, and the header `Payment-Signature`: what a provider signs. */
  readonly raw_body: string;
  readonly signature: string | null;
  /** PAT-8: why a doctor opens the record of somebody else’s patient (the header `Break-Glass`), on a route that `breaksGlass`. */
  readonly break_glass: string | null;
  /** Aborted when the client goes away before it has its answer. */
  readonly signal: AbortSignal;
  /** What the caller wrote last: the answer of a route that `readsAfter` must not be older. */
  readonly after: LastWrite | undefined;
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

/** An answer whose tag is known before its content is: the one who has what the tag names is answered by 304. */
export interface TaggedAnswer {
  readonly etag: string;
  /** Whose records it holds, for the trail; then no cache may keep it, whatever the route says. Not there: it holds none. */
  readonly patient_ids?: readonly string[];
  /** Where the next page of a list starts, for `Link`. */
  readonly next_cursor?: string | null;
  /** Not asked for when the client has it. `etag` stands for what came, where it is newer than what was announced. */
  content(): Promise<Representation & { readonly etag: string }>;
}

/** What a route does with patients' records. */
interface Audited {
  readonly action: RecordAction;
  /** Whether it touches any, by the query as it came; without it, each request does. */
  when?(query: Readonly<Record<string, unknown>>): boolean;
}

/** And whose they are, by its answer. */
interface AuditedWhose<V, I> extends Audited {
  whose(value: V, input: I): readonly string[];
}

export const limitNames = ['login', 'auth', 'write', 'read'] as const;
export type LimitName = (typeof limitNames)[number];

interface RouteFacts<
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
  /** What it is a part of, if that can be turned off: then it answers 404 `feature_off`, no matter who asks. */
  readonly feature?: FeatureName;
  readonly params?: P;
  readonly query?: Q;
  readonly body?: B;
  /** 200 by default, 204 without a `response`. */
  readonly status?: number;
  readonly response?: R;
  /** Refusals beyond those that every route of its kind can give; they are documented. */
  readonly problems?: readonly ProblemCode[];
  /** By default `read` for GET, `write` for all else. */
  readonly limit?: LimitName;
  /** What else the limit counts by, beside the address: the account of a login. */
  limitKey?(body: Value<B>): string;
  /** What a request counts by that names itself by its body: null, the address. It must cost no more than a look-up. */
  limitedBy?(body: Value<B>): Promise<string | null>;
  /** Books or moves money: takes an `Idempotency-Key`, and hands it to the transaction as `once`. */
  readonly idempotent?: true;
  /** The address, below /api, of what was made: the `Location` of the answer. */
  location?(value: Value<R>): string;
  /** Answers may be kept by the client and asked again with If-None-Match; otherwise `no-store`. */
  readonly cache?: 'revalidate';
  /** Takes `Read-After`, and answers nothing older than what the caller wrote last. */
  readonly readsAfter?: true;
  /** Takes `Break-Glass`: opens the record of a patient who is not the doctor’s. */
  readonly breaksGlass?: true;
  /** Holds what changes without its version, as an age or the newest appointments do: never answered by 304. */
  readonly derived?: true;
  /** May be used by who still has to set up the second factor that the role demands. */
  readonly beforeFactor?: true;
  /** Looks at no token, not even at one that has expired: signing in and refreshing must work with it. */
  readonly ignoresToken?: true;
  /** Further media types that `answer` gives. */
  readonly otherTypes?: readonly string[];
  /** Further media types of the answer, by `?format=` (the part behind the slash) or `Accept`. */
  readonly representations?: Readonly<
    Record<string, (value: Value<R>, input: Input<A, P, Q, B>) => Promise<Representation>>
  >;
}

/**
 * A route answers with a value, or with content that it has ready in the media type that was chosen. `audit`: what it touches of
 * patients' records (AUTH-8); each request then has an entry in the trail, or no answer.
 */
type Route<
  A extends Permission = Permission,
  P extends Part = Part,
  Q extends Part = Part,
  B extends Part = Part,
  R extends Part = Part,
> = RouteFacts<A, P, Q, B, R> &
  (
    | {
        readonly audit: 'none' | AuditedWhose<Value<R>, Input<A, P, Q, B>>;
        handle(input: Input<A, P, Q, B>): Promise<Value<R> | void>;
      }
    | {
        readonly audit: 'none' | Audited;
        answer(input: Input<A, P, Q, B>, type: string): Promise<TaggedAnswer>;
      }
  );

/** Any route, with the types of its parts forgotten: what mount.ts, openapi.ts and the house tests walk over. */
export type AnyRoute = Omit<RouteFacts, 'limitKey' | 'limitedBy' | 'location' | 'representations'> & {
  limitKey?(body: never): string;
  limitedBy?(body: never): Promise<string | null>;
  location?(value: never): string;
  representations?: Readonly<Record<string, (value: never, input: never) => Promise<Representation>>>;
} & (
    | { readonly audit: 'none' | AuditedWhose<never, never>; handle(input: never): Promise<unknown> }
    | { readonly audit: 'none' | Audited; answer(input: never, type: string): Promise<TaggedAnswer> }
  );

/** The media types beside JSON. */
export const otherTypesOf = ({ otherTypes = [], representations = {} }: AnyRoute): string[] => [
  ...otherTypes,
  ...Object.keys(representations),
];

/** A route as typed data. It can't forget its permission, nor what it touches of patients: without them it does not compile. */
export function defineRoute<
  const A extends Permission,
  P extends Part = undefined,
  Q extends Part = undefined,
  B extends Part = undefined,
  R extends Part = undefined,
>(route: Route<A, P, Q, B, R>): AnyRoute {
  return route;
}
