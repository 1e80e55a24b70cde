import type { Role } from '../../src/lib/actor.js';
import type { TestApi } from '../support/api.js';
import { testPassword } from '../support/make.js';

/* A browser made by hand: it keeps cookies, sends forms as one does, and follows no redirect by itself. */

export interface Shown {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** Where it sends the browser on; null when it does not. */
  readonly to: string | null;
}

export interface Visitor {
  /** By name; what the browser would send. */
  readonly cookies: Map<string, string>;
  get(path: string, headers?: Record<string, string>): Promise<Shown>;
  /** Sends a form, as a page of ours would. */
  post(path: string, fields?: Record<string, string>, headers?: Record<string, string>): Promise<Shown>;
  /** Sends a form of the page, with its hidden fields. */
  submit(page: Shown, path: string, fields?: Record<string, string>): Promise<Shown>;
  signIn(email: string): Promise<void>;
}

export const unescaped = (text: string): string =>
  text
    .replaceAll('&#39;', "'")
    .replaceAll('&quot;', '"')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&');

/** The hidden fields of the form that goes to `action`, or holds a button that does. */
export function hiddenFields({ text }: Shown, action: string): Record<string, string> {
  const forms = text.match(/<form[^>]*>.*?<\/form\s*>/gs) ?? [];
  const form = forms.find((one) => one.includes(`action="${action}"`));
  if (!form) throw new Error(`no form goes to ${action} in:\n${text}`);
  const hidden = [...form.matchAll(/<input\s[^>]*type="hidden"[^>]*>/g)].map(([input]) => input);
  const attribute = (input: string, name: string): string =>
    new RegExp(`\\s${name}="([^"]*)"`).exec(input)![1]!;
  return Object.fromEntries(
    hidden.map((input) => [attribute(input, 'name'), unescaped(attribute(input, 'value'))]),
  );
}

/** What the page says, without its markup. */
export const words = ({ text }: Shown): string =>
  unescaped(text.replace(/<[^>]*>/g, ' ')).replace(/\s+/g, ' ');

export function createVisitor(api: Pick<TestApi, 'url'>): Visitor {
  const cookies = new Map<string, string>();

  async function send(path: string, init: RequestInit): Promise<Shown> {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const response = await fetch(api.url + path, {
      redirect: 'manual',
      ...init,
      headers: { ...(cookie ? { cookie } : {}), ...(init.headers as Record<string, string>) },
    });
    for (const set of response.headers.getSetCookie()) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(set)!;
      if (value === '') cookies.delete(name!);
      else cookies.set(name!, value!);
    }
    return {
      status: response.status,
      headers: response.headers,
      text: await response.text(),
      to: response.headers.get('location'),
    };
  }

  const visitor: Visitor = {
    cookies,
    get: (path, headers = {}) => send(path, { headers }),
    post: (path, fields = {}, headers = {}) =>
      send(path, {
        method: 'POST',
        body: new URLSearchParams(fields).toString(),
        headers: { 'content-type': 'application/x-www-form-urlencoded', origin: api.url, ...headers },
      }),
    submit: (page, path, fields = {}) => visitor.post(path, { ...hiddenFields(page, path), ...fields }),
    async signIn(email) {
      const { status, text } = await visitor.post('/sign-in', { email, password: testPassword });
      if (status !== 303) throw new Error(`sign-in failed: ${status} ${text}`);
    },
  };
  return visitor;
}

/** Somebody of a role, signed in to the pages. */
export async function visitorOf(
  api: TestApi,
  role: Role,
  links: { doctor_id?: string; patient_id?: string } = {},
): Promise<Visitor> {
  const { email } = await api.make.account(role, links);
  const visitor = createVisitor(api);
  await visitor.signIn(email);
  return visitor;
}

/** A patient with an account, signed in to the pages. */
export async function newGuest(
  api: TestApi,
): Promise<{ visitor: Visitor; token: string; email: string; patient_id: string }> {
  const { patient_id } = await api.make.patient();
  const { token, email } = await api.make.account('patient', { patient_id });
  const visitor = createVisitor(api);
  await visitor.signIn(email);
  return { visitor, token, email, patient_id };
}
