import type { PhoneRegion } from './lib/phone.js';
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import type Joi from 'joi';
import type { CrashPoint, DeliveryPoint } from './contracts/crash-points.js';
import { modules, type ModuleName } from './contracts/modules.js';
import type { Role } from './lib/actor.js';
import { readFeatures, type Features } from './lib/features.js';
import { shape } from './lib/fields.js';
import { isLoopback } from './lib/loopback.js';
import { money, type Money } from './lib/money.js';
import { crossChecks, listOfSecrets, loadsDemo, type Values } from './settings.checks.js';
import type { Setting } from './settings.fields.js';
import { refusedWhenEmpty, settings } from './settings.js';

/* The only reader of process.env. What can be set is in `settings.ts`. */

export interface Config {
  readonly production: boolean;
  /** In the order of composition. */
  readonly modules: readonly ModuleName[];
  readonly port: number;
  readonly host: string;
  /** From other machines than this one. */
  readonly isReachable: boolean;
  /** Without a slash at its end: links in emails are this and a path. */
  readonly publicUrl: string;
  /** undefined: served over plain HTTP, as behind a proxy. */
  readonly tls: { readonly certFile: string; readonly keyFile: string } | undefined;
  readonly mongodbUri: string | undefined;
  readonly postgresUri: string | undefined;
  readonly dataDir: string;
  readonly mongodBinary: string | undefined;
  readonly seedDemo: boolean;
  readonly admin: { readonly email: string; readonly password: string } | undefined;
  readonly jwt: {
    /** undefined: generate one into the data directory. */
    readonly secret: string | undefined;
    readonly previousSecrets: readonly string[];
    readonly issuer: string;
    readonly audience: string;
    readonly accessSeconds: number;
    readonly refreshSeconds: number;
  };
  readonly audit: {
    /** undefined: generate one into the data directory. */
    readonly key: string | undefined;
    readonly previousKeys: readonly string[];
    readonly headFile: string | undefined;
  };
  readonly bcryptCost: number;
  /** Requests a minute. */
  readonly limits: {
    readonly login: number;
    readonly auth: number;
    readonly write: number;
    readonly read: number;
  };
  /** Attempts to sign in to an account, over all addresses, before there are pauses between them. */
  readonly freeAttempts: number;
  /** Who else may say who somebody is. */
  readonly providers: readonly {
    readonly id: string;
    readonly name: string;
    readonly issuer: string;
    readonly clientId: string;
    readonly clientSecret: string;
  }[];
  /** Those that do nothing without a second factor. */
  readonly factorRoles: readonly Role[];
  readonly sessions: {
    /** How old one may become, however it is used. */
    readonly sessionSeconds: number;
    /** Open ones of an account. */
    readonly maxSessions: number;
  };
  readonly trustedProxyHops: number;
  readonly hospitalTimeZone: string;
  /** Of a department that does not name its hospital. */
  readonly defaultHospitalId: string | undefined;
  readonly reportTimeZone: string;
  readonly phoneRegion: PhoneRegion;
  readonly bookingDays: number;
  readonly holdMinutes: number;
  readonly maxHolds: number;
  readonly maxBookings: number;
  readonly offerMinutes: number;
  readonly payments: {
    /** ISO 4217 */
    readonly currency: string;
    /** Percent, as text with two decimals. */
    readonly gstRate: string;
    readonly gstExemptSpecialties: readonly string[];
    readonly refundApprovalAbove: Money;
    readonly approverHours: number;
    /** Who takes cards; null: nobody. */
    readonly provider: 'demo' | null;
    /** undefined: one that is made of the signing secret. */
    readonly callbackSecret: string | undefined;
  };
  /** The most hours before the start first; what a patient gets back who cancels no later than that. */
  readonly refundPolicy: readonly { readonly hours: number; readonly percent: number }[];
  readonly reconcileMinutes: number;
  readonly mail: { readonly smtpUrl: string | undefined; readonly from: string };
  /** http, and hosts that are not on the public internet. */
  readonly webhookPrivateHosts: boolean;
  readonly crashAt: CrashPoint | DeliveryPoint | undefined;
  readonly episodeGapDays: number;
  /** Rows of the records in the process; none with 0 megabytes. */
  readonly mirror: {
    readonly memoryMb: number;
    readonly threads: number;
    /** 0: none. */
    readonly snapshotMinutes: number;
  };
  readonly reports: {
    readonly seconds: number;
    /** The least count that everybody is shown; 0: all are. */
    readonly smallCells: number;
    /** Reports that are summed from the records. */
    readonly atOnce: number;
    readonly from: {
      readonly mode: 'primary' | 'secondary' | 'secondaryPreferred' | 'nearest';
      readonly tags: Readonly<Record<string, string>>;
    };
  };
  readonly reportJobs: { readonly seconds: number; readonly atOnce: number };
  readonly rendering: { readonly workers: number; readonly places: number; readonly seconds: number };
  /** How long the files of delivered reports are kept. */
  readonly deliveryDays: number;
  readonly deliveryBytes: number;
  readonly features: Features;
  readonly logLevel: string;
  readonly metricsToken: string | undefined;
}

/** All that is wrong with the configuration, a line each. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';

  constructor(readonly mistakes: readonly string[]) {
    super(
      `The configuration has ${mistakes.length} mistake${mistakes.length === 1 ? '' : 's'}:\n${mistakes.map((m) => `  ${m}`).join('\n')}`,
    );
  }
}

const schema = shape(
  Object.fromEntries(Object.entries(settings).map(([name, { field }]) => [name, field])),
) as unknown as Joi.ObjectSchema<Values>;

const listOfTexts = (text: string): string[] =>
  text
    .split(',')
    .map((part) => part.trim())
    .filter(Boolean);

const refundPolicyOf = (text: string): { hours: number; percent: number }[] =>
  text
    .split(',')
    .map((step) => step.split(':').map(Number) as [number, number])
    .map(([hours, percent]) => ({ hours, percent }))
    .sort((a, b) => b.hours - a.hours);

function providersOf(v: Values): Config['providers'] {
  const all = [
    [
      'google',
      'Google',
      'https://accounts.google.com',
      v.OAUTH_GOOGLE_CLIENT_ID,
      v.OAUTH_GOOGLE_CLIENT_SECRET,
    ],
    ['github', 'GitHub', 'https://github.com', v.OAUTH_GITHUB_CLIENT_ID, v.OAUTH_GITHUB_CLIENT_SECRET],
    ['openid', v.OPENID_NAME, v.OPENID_ISSUER, v.OPENID_CLIENT_ID, v.OPENID_CLIENT_SECRET],
  ] as const;
  return all.flatMap(([id, name, issuer, clientId, clientSecret]) =>
    issuer && clientId && clientSecret ? [{ id, name, issuer, clientId, clientSecret }] : [],
  );
}

/**
 * Reads the configuration from `env` (names of the table above; an empty value counts as unset).
 * Throws one ConfigError with every mistake in it.
 */
export function readConfig(env: Readonly<Record<string, string | undefined>>): Config {
  const given = Object.fromEntries(
    Object.keys(settings).flatMap((name) => {
      const value = env[name];
      return value || (value === '' && refusedWhenEmpty.includes(name)) ? [[name, value] as const] : [];
    }),
  );
  const result = schema.validate(given, { abortEarly: false, errors: { label: false } });
  // A secret is never echoed: none of joi's messages for these fields holds the value.
  const mistakes = (result.error?.details ?? []).map(({ message, path, context }) => {
    const custom = context?.['error'] instanceof Error ? context['error'].message : undefined;
    return `${path.join('.')} ${custom ?? message}`;
  });
  mistakes.push(...crossChecks((result.value ?? {}) as Partial<Values>, given));
  if (mistakes.length > 0) throw new ConfigError(mistakes);
  return toConfig(result.value as Values, given);
}

function toConfig(v: Values, given: Readonly<Record<string, string>>): Config {
  const production = v.NODE_ENV === 'production';
  return {
    production,
    modules: modules.filter((name) => v.MODULES.split(',').includes(name)),
    port: v.PORT,
    host: v.HOST,
    publicUrl: (v.PUBLIC_URL ?? `${v.TLS_CERT_FILE ? 'https' : 'http'}://${v.HOST}:${v.PORT}`).replace(
      /\/+$/,
      '',
    ),
    tls:
      v.TLS_CERT_FILE && v.TLS_KEY_FILE ? { certFile: v.TLS_CERT_FILE, keyFile: v.TLS_KEY_FILE } : undefined,
    mongodbUri: v.MONGODB_URI,
    postgresUri: v.POSTGRES_URI,
    dataDir: resolve(v.DATA_DIR),
    mongodBinary: v.MONGOD_BINARY,
    seedDemo: !production && loadsDemo(v, given),
    isReachable: !isLoopback(v.HOST),
    admin:
      v.ADMIN_EMAIL && v.ADMIN_PASSWORD ? { email: v.ADMIN_EMAIL, password: v.ADMIN_PASSWORD } : undefined,
    jwt: {
      secret: v.JWT_SECRET,
      previousSecrets: listOfSecrets(v.JWT_PREVIOUS_SECRETS),
      issuer: v.JWT_ISSUER,
      audience: v.JWT_AUDIENCE,
      accessSeconds: v.ACCESS_TOKEN_SECONDS,
      refreshSeconds: v.REFRESH_TOKEN_SECONDS,
    },
    audit: {
      key: v.AUDIT_KEY,
      previousKeys: listOfSecrets(v.AUDIT_PREVIOUS_KEYS),
      headFile: v.AUDIT_HEAD_FILE,
    },
    bcryptCost: v.BCRYPT_COST,
    limits: {
      ...{ login: v.RATE_LIMIT_LOGIN, auth: v.RATE_LIMIT_AUTH },
      ...{ write: v.RATE_LIMIT_WRITE, read: v.RATE_LIMIT_READ },
    },
    freeAttempts: v.LOGIN_ATTEMPTS,
    providers: providersOf(v),
    factorRoles: (v.SECOND_FACTOR_ROLES?.split(',') ?? []) as Role[],
    sessions: { sessionSeconds: v.SESSION_SECONDS, maxSessions: v.MAX_SESSIONS },
    trustedProxyHops: v.TRUSTED_PROXY_HOPS,
    hospitalTimeZone: v.HOSPITAL_TIME_ZONE,
    defaultHospitalId: v.DEFAULT_HOSPITAL_ID,
    reportTimeZone: v.REPORT_TIME_ZONE,
    phoneRegion: v.DEFAULT_PHONE_REGION as PhoneRegion,
    bookingDays: v.BOOKING_DAYS,
    holdMinutes: v.HOLD_MINUTES,
    maxHolds: v.MAX_HOLDS,
    maxBookings: v.MAX_BOOKINGS,
    offerMinutes: v.OFFER_MINUTES,
    payments: {
      currency: v.CURRENCY,
      gstRate: v.GST_RATE.toFixed(2),
      gstExemptSpecialties: listOfTexts(v.GST_EXEMPT_SPECIALTIES),
      refundApprovalAbove: money(v.REFUND_APPROVAL_ABOVE.toFixed(2)),
      approverHours: v.APPROVER_HOURS,
      provider: v.PAYMENT_PROVIDER === 'none' || production ? null : 'demo',
      callbackSecret: v.PAYMENT_CALLBACK_SECRET,
    },
    refundPolicy: refundPolicyOf(v.REFUND_POLICY),
    reconcileMinutes: v.RECONCILE_MINUTES,
    mail: { smtpUrl: v.SMTP_URL, from: v.MAIL_FROM },
    webhookPrivateHosts: v.WEBHOOK_PRIVATE_HOSTS,
    crashAt: v.CRASH_AT as Config['crashAt'],
    episodeGapDays: v.EPISODE_GAP_DAYS,
    mirror: {
      ...{ memoryMb: v.MIRROR_MEGABYTES, threads: v.MIRROR_THREADS },
      snapshotMinutes: v.MIRROR_SNAPSHOT_MINUTES,
    },
    reports: {
      seconds: v.REPORT_SECONDS,
      smallCells: v.SMALL_CELLS,
      atOnce: v.MAX_REPORTS,
      from: {
        mode: v.REPORT_READ_PREFERENCE as Config['reports']['from']['mode'],
        tags: Object.fromEntries(listOfTexts(v.REPORT_READ_TAGS).map((tag) => tag.split(':'))) as Record<
          string,
          string
        >,
      },
    },
    reportJobs: { seconds: v.REPORT_JOB_SECONDS, atOnce: v.MAX_REPORT_JOBS },
    rendering: { workers: v.RENDER_WORKERS, places: v.RENDER_QUEUE, seconds: v.RENDER_SECONDS },
    deliveryDays: v.DELIVERY_DAYS,
    deliveryBytes: v.DELIVERY_MEGABYTES * 1_000_000,
    features: readFeatures(v.FEATURES),
    logLevel: v.LOG_LEVEL,
    metricsToken: v.METRICS_TOKEN,
  };
}

/** The configuration of this process: `.env.<NODE_ENV>`, then `.env`; what is in the environment already wins. */
export function loadConfig(): Config {
  for (const file of [`.env.${process.env['NODE_ENV'] ?? 'development'}`, '.env']) {
    if (existsSync(file)) process.loadEnvFile(file);
  }
  return readConfig(process.env);
}

/** `.env.example`, from the table. */
export function envExample(): string {
  const lines = Object.entries(settings as Record<string, Setting>).map(
    ([name, { about, field, example }]) => {
      const value = (field._flags as { default?: string | number | boolean }).default;
      return `# ${about}\n# ${name}=${value ?? example ?? ''}\n`;
    },
  );
  return `# Copy to .env and uncomment what you change; npm start works without it.\n\n${lines.join('\n')}`;
}

/** The table for a terminal, and what the process ends with. */
export function settingsHelp(): string {
  const lines = Object.entries(settings as Record<string, Setting>).map(([name, { about, field }]) => {
    const value = (field._flags as { default?: string | number | boolean }).default ?? '';
    return `  ${name}=${value}\n      ${about}`;
  });
  return `
Settings, in the environment, .env.<NODE_ENV> or .env, with their defaults:
${lines.join('\n')}

Exit codes: 0 stopped, 1 failed, 2 usage or configuration, 3 cannot connect to the databases or start them.`;
}
