import { Command } from 'commander';
import { loadConfig, settingsHelp, type Config } from './config.js';
import { createHttp } from './serving.js';
import { prepareDemo, refuseDemoAccounts } from './demo.js';
import { reportFailure } from './failure.js';
import { startServer } from './http/server.js';
import { createLogger, loggable, type Logger } from './lib/logger.js';
import { closeMs, endWithin, stopAsked, stopSignal } from './stop-signal.js';
import { openSystem, type System } from './system.js';
import { welcome } from './welcome.js';

async function serve(system: System, config: Config, logger: Logger, signal: AbortSignal): Promise<void> {
  if (config.isReachable || config.production) await refuseDemoAccounts(system);
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
    { ...config, tls: config.tls && { ...config.tls, logger } },
  );
  process.stdout.write(welcome(server.url, accounts, config));
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

/** `npm start -- --help`: everything is a setting, and no word of the command line is one. */
const command = new Command('npm start')
  .description('Starts the API, on embedded databases unless MONGODB_URI and POSTGRES_URI name yours.')
  .allowExcessArguments(false)
  .exitOverride()
  .addHelpText('after', settingsHelp);

try {
  command.parse();
  const config = loadConfig();
  const logger = createLogger(config.logLevel);
  process.on('unhandledRejection', (error) =>
    logger.fatal({ error: loggable(error) }, 'unhandled rejection'),
  );
  await run(config, logger);
} catch (error) {
  process.exitCode = reportFailure(error);
}
