import type { Shape } from './lib/fields.js';
import { isLoopback } from './lib/loopback.js';
import { auditKeyExample } from './settings.audit.js';
import { exampleSecret, type settings } from './settings.js';

type Settings = typeof settings;
export type Values = Shape<{ [Name in keyof Settings]: Settings[Name]['field'] }>;

export const listOfSecrets = (text: string): string[] => text.split(',').filter(Boolean);

/** Whether the demo's records and accounts are made at a start, in any environment but production. */
export const loadsDemo = (v: Partial<Values>, given: Readonly<Record<string, string>>): boolean =>
  v.SEED_DEMO === true &&
  ((v.MONGODB_URI === undefined && v.POSTGRES_URI === undefined) || given['SEED_DEMO'] !== undefined);

/** What no single field can show. */
export function crossChecks(values: Partial<Values>, given: Readonly<Record<string, string>>): string[] {
  const { NODE_ENV, JWT_SECRET, JWT_PREVIOUS_SECRETS = '', BCRYPT_COST = 0, SEED_DEMO } = values;
  const rules: readonly [broken: boolean, mistake: string][] = [
    [
      (values.ADMIN_EMAIL === undefined) !== (values.ADMIN_PASSWORD === undefined),
      'ADMIN_EMAIL and ADMIN_PASSWORD go together',
    ],
    [
      (values.OAUTH_GOOGLE_CLIENT_ID === undefined) !== (values.OAUTH_GOOGLE_CLIENT_SECRET === undefined),
      'OAUTH_GOOGLE_CLIENT_ID and OAUTH_GOOGLE_CLIENT_SECRET go together',
    ],
    [
      (values.OAUTH_GITHUB_CLIENT_ID === undefined) !== (values.OAUTH_GITHUB_CLIENT_SECRET === undefined),
      'OAUTH_GITHUB_CLIENT_ID and OAUTH_GITHUB_CLIENT_SECRET go together',
    ],
    [
      new Set(
        [values.OPENID_ISSUER, values.OPENID_CLIENT_ID, values.OPENID_CLIENT_SECRET].map(
          (value) => value === undefined,
        ),
      ).size > 1,
      'OPENID_ISSUER, OPENID_CLIENT_ID and OPENID_CLIENT_SECRET go together',
    ],
    [
      (values.TLS_CERT_FILE === undefined) !== (values.TLS_KEY_FILE === undefined),
      'TLS_CERT_FILE and TLS_KEY_FILE go together',
    ],
    [
      values.REPORT_READ_PREFERENCE === 'primary' && !!values.REPORT_READ_TAGS,
      'REPORT_READ_TAGS need a REPORT_READ_PREFERENCE other than primary: there is one primary, whatever its tags',
    ],
    [JWT_SECRET === exampleSecret, 'JWT_SECRET is the example; make one of your own'],
    [
      JWT_SECRET?.includes(',') === true,
      'JWT_SECRET must hold no comma: it could not be listed in JWT_PREVIOUS_SECRETS',
    ],
    [
      listOfSecrets(JWT_PREVIOUS_SECRETS).some((secret) => secret.length < 32),
      'JWT_PREVIOUS_SECRETS holds a secret of less than 32 characters',
    ],
    [
      listOfSecrets(JWT_PREVIOUS_SECRETS).includes(exampleSecret),
      'JWT_PREVIOUS_SECRETS holds the example, which still verifies: take it out',
    ],
    [values.AUDIT_KEY === auditKeyExample, 'AUDIT_KEY is the example; make one of your own'],
    [
      values.AUDIT_KEY?.includes(',') === true,
      'AUDIT_KEY must hold no comma: it could not be listed in AUDIT_PREVIOUS_KEYS',
    ],
    [
      listOfSecrets(values.AUDIT_PREVIOUS_KEYS ?? '').some((key) => key.length < 32),
      'AUDIT_PREVIOUS_KEYS holds a key of less than 32 characters',
    ],
    [
      NODE_ENV !== 'production' && loadsDemo(values, given) && !isLoopback(values.HOST ?? ''),
      `HOST ${values.HOST ?? ''} is reached from other machines, and the demo accounts have known passwords: ` +
        'set SEED_DEMO=false, or leave HOST out and come in by a tunnel (ssh -L)',
    ],
  ];
  const inProduction: readonly [broken: boolean, mistake: string][] = [
    [JWT_SECRET === undefined, 'JWT_SECRET is needed in production (32 characters or more)'],
    [values.AUDIT_KEY === undefined, 'AUDIT_KEY is needed in production (32 characters or more)'],
    [BCRYPT_COST < 10, 'BCRYPT_COST must be at least 10 in production'],
    [
      values.SMTP_URL !== undefined && values.PUBLIC_URL === undefined,
      'PUBLIC_URL is needed in production when SMTP_URL is set: links in emails start with it',
    ],
    [
      values.OPENID_ISSUER?.startsWith('http:') === true,
      'OPENID_ISSUER must be https in production: anybody on the way could say who signs in',
    ],
    [values.CRASH_AT !== undefined, 'CRASH_AT is for drills only'],
    [
      values.WEBHOOK_PRIVATE_HOSTS === true,
      'WEBHOOK_PRIVATE_HOSTS cannot be true in production: any user could have our own network asked',
    ],
    [
      given['PAYMENT_PROVIDER'] === 'demo',
      'PAYMENT_PROVIDER cannot be demo in production: its cards move no money',
    ],
    [
      SEED_DEMO === true && given['SEED_DEMO'] !== undefined,
      'SEED_DEMO cannot be true in production: its accounts have known passwords',
    ],
    ...(['MONGODB_URI', 'POSTGRES_URI'] as const).map((name): [boolean, string] => [
      values[name] === undefined && given[name] === undefined && !values.EMBEDDED_IN_PRODUCTION,
      `${name} is needed in production: the embedded server is for trying (EMBEDDED_IN_PRODUCTION=true runs it all the same)`,
    ]),
  ];
  return [...rules, ...(NODE_ENV === 'production' ? inProduction : [])].flatMap(([broken, mistake]) =>
    broken ? [mistake] : [],
  );
}
