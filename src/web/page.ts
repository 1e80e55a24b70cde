import type { Readable } from 'node:stream';
import type Joi from 'joi';
import type { RequestFacts } from '../http/route.js';
import type { Actor, Role } from '../lib/actor.js';
import type { RecordAction } from '../lib/audited.js';
import type { Problem } from '../lib/errors.js';
import type { FeatureName } from '../lib/features.js';
import type { Infer } from '../lib/fields.js';
import type { Once } from '../lib/idempotency.js';
import type { Html } from '../lib/html.js';

/** What a page shows between the header and the footer that all of them have. `main` has the one `h1`. */
export interface View {
  readonly title: string;
  readonly main: Html;
  /** A part of the site with a look of its own. */
  readonly section?: 'reports';
  /** Makes a form easier. The page works without it, and only such a page may run one. */
  readonly script?: 'finder';
}

/** The viewer of the page, for its header. */
export interface Viewer {
  readonly name: string;
  /** Notices that are not read yet. */
  readonly unread: number;
  /** Whom the navigation is for. */
  readonly role: Role;
}

/** Tokens that the browser keeps from here on; null: it forgets those that it has. */
export type Tokens = {
  readonly access_token: string;
  readonly refresh_token: string;
  /** Of the device, where it is to be known from here on. */
  readonly device_token?: string;
} | null;

/**
 * A page, data, a file, or where to go on: the answer to every form that was taken. `patient_ids`: whose records it shows; those of a
 * page for patients are their own.
 */
export type Reply = { readonly patient_ids?: readonly string[] } & (
  | {
      readonly view: View;
      readonly tokens?: Tokens;
      readonly flow?: null;
      /** Where the page leads on by itself. */
      readonly then?: string;
    }
  /** For a script of ours. */
  | { readonly data: object }
  | { readonly file: Readable | Buffer; readonly type: string; readonly filename: string }
  | {
      readonly to: string;
      readonly tokens?: Tokens;
      /** What the browser is to bring back from another site. */
      readonly flow?: string;
    }
);

type Part = Joi.Schema | undefined;
type Value<P extends Part> = P extends Joi.Schema ? Infer<P> : undefined;

/** `reports`: anyone who may read reports; `sharing`: and may show them to others; `operations`: who runs the product. */
export const audiences = ['anybody', 'signed-in', 'patient', 'reports', 'sharing', 'operations'] as const;
export type Audience = (typeof audiences)[number];

/** A user whose account is a patient's record. */
export type PatientActor = Actor & { readonly patient_id: string };

type Asking<A extends Audience> = A extends 'patient'
  ? PatientActor
  : A extends 'anybody'
    ? Actor | null
    : Actor;

interface PageInput<A extends Audience, P extends Part, Q extends Part, F extends Part> {
  readonly actor: Asking<A>;
  readonly params: Value<P>;
  readonly query: Value<Q>;
  readonly form: Value<F>;
  /** Stands for this one sending of the form: the back button and a second click give the first answer again. */
  readonly once: Once | undefined;
  readonly request: RequestFacts;
  /** Of an earlier sign-in in this browser. */
  readonly device_token: string | undefined;
  /** What it has brought back from another site. */
  readonly flow: string | undefined;
  /** The query as it stands in the address, `?` and all. */
  readonly search: string;
}

/** What a form was refused with, as it came: to be shown again with what is wrong. */
export interface Refusal<A extends Audience = Audience> {
  readonly actor: Asking<A>;
  readonly params: Readonly<Record<string, string>>;
  /** As it came. */
  readonly query: Readonly<Record<string, unknown>>;
  readonly values: Readonly<Record<string, string>>;
  readonly problem: Problem;
}

export interface Page<
  A extends Audience = Audience,
  P extends Part = Part,
  Q extends Part = Part,
  F extends Part = Part,
> {
  readonly method: 'get' | 'post';
  readonly path: string;
  /** Who has it. Others are asked to sign in, or told that it is for patients. */
  readonly audience: A;
  /** AUTH-8: what it does with patients' records, as `defineRoute` has it. */
  readonly audit: 'none' | RecordAction;
  /** What it is a part of: where one of these is turned off, it is a page that says so. */
  readonly features?: readonly FeatureName[];
  /** Open to who still has to set up the second factor that the role demands. */
  readonly beforeFactor?: true;
  readonly params?: P;
  readonly query?: Q;
  /** Of the query, what a form sends for each box that is ticked: it comes as one text, with commas. */
  readonly ticked?: readonly string[];
  /** The fields of a form. `form_key` is taken out before. */
  readonly form?: F;
  /** Counted as the API counts signing in and registering; otherwise a form counts as a write of its user, a page as a read. */
  readonly limit?: 'login' | 'auth';
  /** The account of a sign-in, for the count by address and account. */
  limitKey?(form: Value<F>, device_token?: string): string;
  handle(input: PageInput<A, P, Q, F>): Promise<Reply>;
  /** The page of the form with its mistakes, or undefined for a page that only reports the problem. */
  refused?(refusal: Refusal<A>): Promise<View | undefined>;
}

/** Any page, with the types of its parts forgotten. */
export type AnyPage = Omit<Page, 'limitKey' | 'handle' | 'refused'> & {
  limitKey?(form: never, device_token?: string): string;
  handle(input: never): Promise<Reply>;
  refused?(refusal: never): Promise<View | undefined>;
};

/** A page as typed data, as `defineRoute` has it for the API. */
export function definePage<
  const A extends Audience,
  P extends Part = undefined,
  Q extends Part = undefined,
  F extends Part = undefined,
>(page: Page<A, P, Q, F>): AnyPage {
  return page;
}
