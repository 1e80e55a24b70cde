import { loadConfig, type Config } from './config.js';
import { createHttp } from './serving.js';
import { prepareDemo, type DemoAccount } from './demo.js';
import { reportFailure } from './failure.js';
import { startServer } from './http/server.js';
import type { Features } from './lib/features.js';
import { createLogger, loggable, type Logger } from './lib/logger.js';
import { closeMs, endWithin, stopAsked, stopSignal } from './stop-signal.js';
import { openSystem, type System } from './system.js';

/** What a person who has just typed `npm start` needs next; the curl lines work as they stand. */
function welcome(url: string, accounts: readonly DemoAccount[], features: Features): string {
  const lines = [
    `\nSmart Healthcare Management API`,
    `  API        ${url}/api`,
    ...(features.booking_pages ? [`  booking    ${url}/book`] : []),
    ...(features.report_pages ? [`  reports    ${url}/reports`] : []),
    `  reference  ${url}/docs`,
    `  health     ${url}/healthz ${url}/readyz ${url}/metrics`,
  ];
  const manager = accounts.find(({ role }) => role === 'manager');
  if (!manager) return `${lines.join('\n')}\n`;
  lines.push('\nOne account for each role:');
  for (const { role, email, password } of accounts)
    lines.push(`  ${role.padEnd(11)}${email.padEnd(34)}${password}`);
  const login = `{"email":"${manager.email}","password":"${manager.password}"}`;
  const bearer = `-H "authorization: Bearer $TOKEN"`;
  lines.push(
    '\nTry:',
    `  TOKEN=$(curl -s ${url}/api/auth/login -H 'content-type: application/json' -d '${login}' | node -pe 'JSON.parse(fs.readFileSync(0)).access_token')`,
    `  curl -s ${bearer} '${url}/api/reports/top-doctors?from=2025-01-01&to=2026-01-01'`,
    `  curl -s ${bearer} '${url}/api/reports/average-prescription-cost?format=csv'`,
    '\nCtrl-C stops all of it.',
  );
  return `${lines.join('\n')}\n`;
}

async function serve(system: System, config: Config, logger: Logger, signal: AbortSignal): Promise<void> {
  if (config.admin) await system.parts.accounts.ensureAdmin(config.admin);
  signal.throwIfAborted();
  const accounts = config.seedDemo
    ? await prepareDemo(system, (line) => process.stderr.write(`${line}\n`), signal)
    : [];
  signal.throwIfAborted();
  // Others know of this process before it answers anybody.
  system.parts.start();
  const server = await startServer(
    createHttp(system.parts, system.around, () => !signal.aborted),
    config,
  );
  process.stdout.write(welcome(server.url, accounts, config.features));
  await stopAsked(signal);
  logger.info({ reason: (signal.reason as Error).message }, 'stopping');
  await server.stop();
}

async function run(config: Config, logger: Logger): Promise<void> {
  const signal = stopSignal();
  const system = await openSystem({ config, logger });
  try {
    await serve(system, config, logger, signal);
  } catch (error) {
    // A start that was stopped is no failure; the next one goes on from there.
    if (error !== signal.reason) throw error;
  } finally {
    endWithin(closeMs);
    await system.close();
  }
}

try {
  const config = loadConfig();
  const logger = createLogger(config.logLevel);
  process.on('unhandledRejection', (error) =>
    logger.fatal({ error: loggable(error) }, 'unhandled rejection'),
  );
  await run(config, logger);
} catch (error) {
  process.exitCode = reportFailure(error);
}
