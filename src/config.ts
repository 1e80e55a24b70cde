import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import Joi from 'joi';
import { flag, optional, shape, timeZone, type Shape } from './lib/fields.js';

/*
 * Everything that can be configured, in one table: `.env.example` and the README's table are written from it. This is
 * the only reader of process.env.
 */
interface Setting<S extends Joi.Schema = Joi.Schema> {
  readonly about: string;
  /** With a default, or `optional`. */
  readonly field: S;
  readonly example?: string;
}

const exampleSecret = 'change-me-to-at-least-32-random-characters';
const setting = <S extends Joi.Schema>(field: S, about: string, example?: string): Setting<S> => ({
  about,
  field,
  ...(example === undefined ? {} : { example }),
});
const whole = (min: number, max: number, value: number): Joi.NumberSchema =>
  Joi.number().integer().min(min).max(max).default(value);

export const settings = {
  NODE_ENV: setting(
    Joi.string().valid('development', 'test', 'production').default('development'),
    'Also names a further file that is read: `.env.production`',
  ),
  PORT: setting(whole(0, 65535, 5000), 'Where the API listens; 0 takes a free port'),
  HOST: setting(Joi.string().hostname().default('127.0.0.1'), 'The address it listens on'),
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
  JWT_ISSUER: setting(Joi.string().default('smart-healthcare'), 'The `iss` of the tokens'),
  JWT_AUDIENCE: setting(Joi.string().default('smart-healthcare-api'), 'The `aud` of the tokens'),
  ACCESS_TOKEN_SECONDS: setting(whole(60, 86_400, 900), 'Life of an access token'),
  REFRESH_TOKEN_SECONDS: setting(whole(3600, 31_536_000, 2_592_000), 'Life of a refresh token'),
  BCRYPT_COST: setting(whole(4, 15, 12), 'bcrypt cost of passwords; at least 10 in production'),
  RATE_LIMIT_LOGIN: setting(whole(1, 1_000_000, 5), 'Logins a minute, by address and account'),
  RATE_LIMIT_AUTH: setting(
    whole(1, 1_000_000, 60),
    'Authentication requests a minute, by address or user; all logins from an address too',
  ),
  RATE_LIMIT_WRITE: setting(whole(1, 10_000_000, 600), 'Writes a minute, by user'),
  TRUSTED_PROXY_HOPS: setting(
    whole(0, 10, 0),
    'How many proxies of yours stand in front: X-Forwarded-For counts only then',
  ),
  HOSPITAL_TIME_ZONE: setting(timeZone().default('UTC'), 'The zone of a hospital that does not name its own'),
  REPORT_TIME_ZONE: setting(timeZone().default('UTC'), 'The zone whose calendar months reports count by'),
  BOOKING_DAYS: setting(whole(1, 730, 30), 'How many days ahead an appointment may be booked'),
  EPISODE_GAP_DAYS: setting(
    whole(1, 3650, 90),
    'A longer gap starts a new episode of treatment (report disease-trends)',
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

export interface Config {
  readonly production: boolean;
  readonly port: number;
  readonly host: string;
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
  readonly bcryptCost: number;
  /** Requests a minute. */
  readonly limits: { readonly login: number; readonly auth: number; readonly write: number };
  readonly trustedProxyHops: number;
  readonly hospitalTimeZone: string;
  readonly reportTimeZone: string;
  readonly bookingDays: number;
  readonly episodeGapDays: number;
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

type Settings = typeof settings;
type Values = Shape<{ [Name in keyof Settings]: Settings[Name]['field'] }>;

const schema = shape(
  Object.fromEntries(Object.entries(settings).map(([name, { field }]) => [name, field])),
) as unknown as Joi.ObjectSchema<Values>;

const listOfSecrets = (text: string): string[] => text.split(',').filter(Boolean);

/** What no single field can tell. */
function crossChecks(values: Partial<Values>, given: Readonly<Record<string, string>>): string[] {
  const { NODE_ENV, JWT_SECRET, JWT_PREVIOUS_SECRETS = '', BCRYPT_COST = 0, SEED_DEMO } = values;
  const rules: readonly [broken: boolean, mistake: string][] = [
    [
      (values.ADMIN_EMAIL === undefined) !== (values.ADMIN_PASSWORD === undefined),
      'ADMIN_EMAIL and ADMIN_PASSWORD go together',
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
  ];
  const inProduction: readonly [broken: boolean, mistake: string][] = [
    [JWT_SECRET === undefined, 'JWT_SECRET is needed in production (32 characters or more)'],
    [BCRYPT_COST < 10, 'BCRYPT_COST must be at least 10 in production'],
    [
      SEED_DEMO === true && given['SEED_DEMO'] !== undefined,
      'SEED_DEMO can not be true in production: its accounts have known passwords',
    ],
  ];
  return [...rules, ...(NODE_ENV === 'production' ? inProduction : [])].flatMap(([broken, mistake]) =>
    broken ? [mistake] : [],
  );
}

/**
 * Reads the configuration from `env` (names of the table above; an empty value counts as unset).
 * Throws one ConfigError with every mistake in it.
 */
export function readConfig(env: Readonly<Record<string, string | undefined>>): Config {
  const given = Object.fromEntries(
    Object.keys(settings).flatMap((name) => (env[name] ? [[name, env[name]] as const] : [])),
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
  const embedded = v.MONGODB_URI === undefined && v.POSTGRES_URI === undefined;
  return {
    production,
    port: v.PORT,
    host: v.HOST,
    mongodbUri: v.MONGODB_URI,
    postgresUri: v.POSTGRES_URI,
    dataDir: resolve(v.DATA_DIR),
    mongodBinary: v.MONGOD_BINARY,
    seedDemo: v.SEED_DEMO && !production && (embedded || given['SEED_DEMO'] !== undefined),
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
    bcryptCost: v.BCRYPT_COST,
    limits: { login: v.RATE_LIMIT_LOGIN, auth: v.RATE_LIMIT_AUTH, write: v.RATE_LIMIT_WRITE },
    trustedProxyHops: v.TRUSTED_PROXY_HOPS,
    hospitalTimeZone: v.HOSPITAL_TIME_ZONE,
    reportTimeZone: v.REPORT_TIME_ZONE,
    bookingDays: v.BOOKING_DAYS,
    episodeGapDays: v.EPISODE_GAP_DAYS,
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
