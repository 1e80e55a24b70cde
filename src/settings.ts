import Joi from 'joi';
import { crashPoints, deliveryPoints } from './contracts/crash-points.js';
import { modules } from './contracts/modules.js';
import { roles } from './lib/actor.js';
import { featureNames } from './lib/features.js';
import { isPhoneRegion } from './lib/phone.js';
import { flag, id, optional, timeZone } from './lib/fields.js';
import { auditSettings } from './settings.audit.js';
import {
  featureList,
  hundredths,
  knownCurrency,
  namesOf,
  setting,
  whole,
  type Setting,
} from './settings.fields.js';

/*
 * Everything that can be configured, in one table: `.env.example` and the README's table are written from it. `config.ts`
 * reads it.
 */

export const exampleSecret = 'change-me-to-at-least-32-random-characters';
/** Everywhere else an empty value counts as unset. */
export const refusedWhenEmpty: readonly string[] = ['MODULES'];

export const settings = {
  NODE_ENV: setting(
    Joi.string().valid('development', 'test', 'production').default('development'),
    'Also names a further file that is read: `.env.production`',
  ),
  PORT: setting(whole(0, 65535, 5000), 'Where the API listens; 0 takes a free port'),
  HOST: setting(
    Joi.string().hostname().default('127.0.0.1'),
    'The address it listens on; one that other machines reach needs `SEED_DEMO=false`, for the demo accounts have known passwords',
  ),
  TLS_CERT_FILE: setting(
    optional(Joi.string<string>()),
    'A certificate in PEM, with its chain: the API is then served over HTTPS. Read again when it is renewed; without it, plain HTTP for a proxy of yours',
    '/etc/letsencrypt/live/hospital.example/fullchain.pem',
  ),
  TLS_KEY_FILE: setting(
    optional(Joi.string<string>()),
    'Its key',
    '/etc/letsencrypt/live/hospital.example/privkey.pem',
  ),
  PUBLIC_URL: setting(
    optional(
      Joi.string()
        .uri({ scheme: ['http', 'https'] })
        .pattern(/^[^?#@]+$/, 'an address without a query, a fragment or a user'),
    ),
    'Where people reach the API and its pages: links in emails start with it. Needed in production when SMTP_URL is set; otherwise made of HOST and PORT',
    'https://hospital.example',
  ),
  MODULES: setting(
    namesOf(modules).default(modules.join(',')),
    'The modules whose routes, workers and consumers run in this process; the others run in processes of their own',
  ),
  MONGODB_URI: setting(
    // Several hosts with ports are no URI by the letter of RFC 3986. The message must not hold the value: a password is in it.
    optional(
      Joi.string()
        .pattern(/^mongodb(\+srv)?:\/\/[^\s/]+(\/\S*)?$/)
        .messages({
          'string.pattern.base': 'must be like mongodb://host:27017,host:27018/name?replicaSet=rs0',
        }),
    ),
    'Your replica set; without it an embedded one runs from DATA_DIR',
    'mongodb://db1,db2,db3/smart_healthcare?replicaSet=rs0',
  ),
  POSTGRES_URI: setting(
    optional(Joi.string().uri({ scheme: ['postgres', 'postgresql'] })),
    'Your Postgres; without it an embedded one runs from DATA_DIR',
    'postgres://api:secret@db/smart_healthcare',
  ),
  DATA_DIR: setting(Joi.string().default('.data'), 'Where the embedded servers and generated secrets stay'),
  EMBEDDED_IN_PRODUCTION: setting(
    flag().default(false),
    'Run the embedded servers in production too: all three members of the set and the payments on one machine, without backups',
  ),
  MONGOD_BINARY: setting(
    optional(Joi.string<string>()),
    'The mongod to run embedded; otherwise it is looked for, then downloaded',
    '/usr/bin/mongod',
  ),
  SEED_DEMO: setting(
    flag().default(true),
    'Load the demo data and its accounts into an empty embedded system; on your own servers only when set',
  ),
  ADMIN_EMAIL: setting(
    optional(Joi.string().email({ tlds: false, minDomainSegments: 1 })),
    'The first admin, made at start when there is no such account',
    'admin@hospital.example',
  ),
  ADMIN_PASSWORD: setting(
    optional(Joi.string().max(72, 'utf8')),
    'Its password',
    'a-long-passphrase-of-yours',
  ),
  JWT_SECRET: setting(
    optional(Joi.string().min(32)),
    'Signs access tokens, 32 characters or more; needed in production, otherwise generated once into DATA_DIR',
    exampleSecret,
  ),
  JWT_PREVIOUS_SECRETS: setting(
    Joi.string().default(''),
    'Secrets that still verify, separated by commas: how a key is rotated without logging anyone out',
  ),
  ...auditSettings,
  JWT_ISSUER: setting(Joi.string().default('smart-healthcare'), 'The `iss` of the tokens'),
  JWT_AUDIENCE: setting(Joi.string().default('smart-healthcare-api'), 'The `aud` of the tokens'),
  ACCESS_TOKEN_SECONDS: setting(whole(60, 86_400, 900), 'Life of an access token'),
  REFRESH_TOKEN_SECONDS: setting(
    whole(3600, 31_536_000, 2_592_000),
    'Life of a refresh token: a session that is not used for as long is over',
  ),
  SESSION_SECONDS: setting(
    whole(3600, 315_360_000, 7_776_000),
    'How old a session may become, however it is used: then its user signs in again',
  ),
  MAX_SESSIONS: setting(whole(1, 1000, 20), 'Open sessions of an account; with one more, the oldest ends'),
  BCRYPT_COST: setting(whole(4, 15, 12), 'bcrypt cost of passwords; at least 10 in production'),
  RATE_LIMIT_LOGIN: setting(whole(1, 1_000_000, 5), 'Logins a minute, by address and account'),
  RATE_LIMIT_AUTH: setting(
    whole(1, 1_000_000, 60),
    'Authentication requests a minute, by address or user; all logins from an address too',
  ),
  LOGIN_ATTEMPTS: setting(
    whole(1, 1_000_000, 5),
    'Attempts to sign in to an account from devices that it does not know, before there are growing pauses between them',
  ),
  SECOND_FACTOR_ROLES: setting(
    optional(namesOf(roles)),
    'Roles that do nothing without a second factor: who has none can only set it up. Anybody may have one',
    'admin,manager,doctor',
  ),
  OAUTH_GOOGLE_CLIENT_ID: setting(
    optional(Joi.string<string>()),
    'Sign in with Google: the id of your client there, whose redirect address is PUBLIC_URL/sign-in/with/google/back',
  ),
  OAUTH_GOOGLE_CLIENT_SECRET: setting(optional(Joi.string<string>()), 'Its secret'),
  OAUTH_GITHUB_CLIENT_ID: setting(
    optional(Joi.string<string>()),
    'Sign in with GitHub: the id of your app there, whose callback address is PUBLIC_URL/sign-in/with/github/back',
  ),
  OAUTH_GITHUB_CLIENT_SECRET: setting(optional(Joi.string<string>()), 'Its secret'),
  OPENID_ISSUER: setting(
    optional(Joi.string().uri({ scheme: ['https', 'http'] })),
    'Sign in with any other issuer of OpenID Connect; the redirect address is PUBLIC_URL/sign-in/with/openid/back',
    'https://login.hospital.example',
  ),
  OPENID_NAME: setting(Joi.string().max(60).default('single sign-on'), 'What its button calls it'),
  OPENID_CLIENT_ID: setting(optional(Joi.string<string>()), 'The id of your client there'),
  OPENID_CLIENT_SECRET: setting(optional(Joi.string<string>()), 'Its secret'),
  RATE_LIMIT_WRITE: setting(whole(1, 10_000_000, 600), 'Writes a minute, by user'),
  RATE_LIMIT_READ: setting(
    whole(1, 100_000_000, 6000),
    'GET requests a minute, by user or by the address of nobody; each process counts for itself',
  ),
  TRUSTED_PROXY_HOPS: setting(
    whole(0, 10, 0),
    'How many proxies of yours stand in front: X-Forwarded-For counts only then',
  ),
  HOSPITAL_TIME_ZONE: setting(timeZone().default('UTC'), 'The zone of a hospital that does not name its own'),
  DEFAULT_HOSPITAL_ID: setting(
    optional(id()),
    'The hospital of a department that does not name one; without it, the only hospital that there is',
    'H1001',
  ),
  REPORT_TIME_ZONE: setting(timeZone().default('UTC'), 'The zone whose calendar months reports count by'),
  DEFAULT_PHONE_REGION: setting(
    Joi.string()
      .custom((value: string) => {
        if (!isPhoneRegion(value))
          throw new Error('is not a country of ISO 3166-1 with numbers that are known');
        return value;
      })
      .default('US'),
    'The country (ISO 3166-1) of a telephone number that does not name its own',
  ),
  BOOKING_DAYS: setting(whole(1, 730, 30), 'How many days ahead an appointment may be booked'),
  HOLD_MINUTES: setting(whole(1, 60, 5), 'How long a slot is held for somebody who is about to book it'),
  MAX_HOLDS: setting(whole(1, 100, 3), 'How many slots a patient may hold at a time'),
  MAX_BOOKINGS: setting(whole(1, 1000, 10), 'How many visits to come a patient may book without the desk'),
  OFFER_MINUTES: setting(
    whole(1, 1440, 30),
    'How long a freed slot is kept for the first on the waiting list',
  ),
  CURRENCY: setting(
    Joi.string().custom(knownCurrency).default('USD'),
    'The currency of all amounts (ISO 4217)',
  ),
  GST_RATE: setting(hundredths(100, 18), 'Goods and services tax on a consultation, in percent'),
  GST_EXEMPT_SPECIALTIES: setting(
    Joi.string().default(''),
    'Specialties whose consultations are exempt from it, separated by commas',
  ),
  REFUND_POLICY: setting(
    Joi.string()
      .pattern(/^\d{1,4}:(100|\d{1,2})(,\d{1,4}:(100|\d{1,2}))*$/, 'hours:percent,hours:percent')
      .default('24:100,4:50'),
    'What a patient who cancels gets back: so many hours before the start, so many percent; later nothing',
  ),
  REFUND_APPROVAL_ABOVE: setting(
    hundredths(9_999_999_999.99, 1000),
    'What of a payment may leave, whatever asks for it, before a second admin must approve',
  ),
  APPROVER_HOURS: setting(
    whole(0, 8760, 24),
    'How long somebody must have been an admin before approving what others ask for',
  ),
  PAYMENT_PROVIDER: setting(
    Joi.string().valid('demo', 'none').default('demo'),
    'Who takes cards; none: they are refused, and all pay at the desk. The demo moves no money: in production it is none',
  ),
  PAYMENT_CALLBACK_SECRET: setting(
    optional(Joi.string().min(32)),
    'Signs the callbacks of the payment provider; made of the signing secret otherwise',
    'at-least-32-random-characters-of-your-own',
  ),
  RECONCILE_MINUTES: setting(
    whole(0, 1440, 60),
    'How often the two stores are compared in the background; 0 is never',
  ),
  SMTP_URL: setting(
    optional(Joi.string().uri({ scheme: ['smtp', 'smtps'] })),
    'The mail server; without one notifications stay in the app',
    'smtps://user:secret@mail.hospital.example',
  ),
  MAIL_FROM: setting(
    Joi.string().max(254).default('Smart Healthcare <no-reply@localhost>'),
    'The sender of emails',
  ),
  WEBHOOK_PRIVATE_HOSTS: setting(
    flag().default(false),
    'For development: webhooks may be posted over http, and to this machine and its network',
  ),
  CRASH_AT: setting(
    optional(Joi.string().valid(...crashPoints, ...deliveryPoints)),
    'For drills: the process kills itself when it comes to this point',
    crashPoints[0],
  ),
  EPISODE_GAP_DAYS: setting(whole(1, 3650, 90), 'A longer gap starts a new episode (report disease-trends)'),
  MIRROR_MEGABYTES: setting(
    whole(0, 1_000_000, 1024),
    'What this process may take for the rows of the records that reports answer from (DuckDB, in memory). 0: it holds none',
  ),
  MIRROR_THREADS: setting(whole(1, 64, 2), 'How many threads such an answer takes'),
  MIRROR_SNAPSHOT_MINUTES: setting(
    whole(0, 10_000, 10),
    'How often these rows are saved in DATA_DIR, sealed, so that a restart need not read all records. 0: never',
  ),
  SMALL_CELLS: setting(
    whole(0, 100, 0),
    'The least count of a row of a report that managers are shown; what counts fewer is hidden from them. 0: nothing is',
  ),
  REPORT_SECONDS: setting(whole(1, 600, 20), 'How long a report may take in a store before it is stopped'),
  MAX_REPORTS: setting(
    whole(1, 100, 4),
    'How many reports are summed from the records at a time; four times as many wait, more are refused',
  ),
  REPORT_READ_PREFERENCE: setting(
    Joi.string().valid('primary', 'secondary', 'secondaryPreferred', 'nearest').default('primary'),
    'Which members of the replica set such reports read from',
  ),
  REPORT_READ_TAGS: setting(
    Joi.string()
      .pattern(/^([^:,\s]+:[^:,\s]+(,[^:,\s]+:[^:,\s]+)*)?$/, 'name:value,name:value')
      .allow('')
      .default(''),
    'The tags of those members; not with primary',
    'workload:reports',
  ),
  REPORT_JOB_SECONDS: setting(
    whole(1, 86_400, 300),
    'How long a report that is a job may take in a store before it is stopped',
  ),
  MAX_REPORT_JOBS: setting(whole(1, 100, 2), 'How many jobs this process works on at a time'),
  RENDER_WORKERS: setting(
    whole(0, 16, 2),
    'How many PDFs, pictures and workbooks are made at a time, each in a thread of its own; 0: in the event loop',
  ),
  RENDER_QUEUE: setting(
    whole(2, 10_000, 200),
    'How many of them may wait, half of them of one user; more are refused',
  ),
  RENDER_SECONDS: setting(whole(1, 600, 30), 'How long making one may take, its waiting included'),
  DELIVERY_DAYS: setting(whole(1, 3650, 30), 'How long the files of delivered reports are kept'),
  DELIVERY_MEGABYTES: setting(
    whole(1, 100_000, 200),
    'What those of one user may take at the most: the oldest make room for a new one',
  ),
  FEATURES: setting(
    optional(featureList()),
    `Features, \`name\` on and \`-name\` off: ${featureNames.join(', ')}`,
    '-report_jobs',
  ),
  LOG_LEVEL: setting(
    Joi.string().valid('debug', 'info', 'warn', 'error', 'silent').default('info'),
    'How much is logged, as JSON lines on stderr',
  ),
  METRICS_TOKEN: setting(
    optional(Joi.string().min(16)),
    'Bearer token for /metrics; without one only this machine may read it',
  ),
} as const satisfies Record<string, Setting>;
