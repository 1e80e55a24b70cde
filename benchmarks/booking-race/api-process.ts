import { spawn } from 'node:child_process';
import { once } from 'node:events';

/** The API as `npm start` runs it, in a process of its own. */
export interface ApiProcess {
  /** Its address, as soon as it listens. Rejects when it ends before. */
  readonly url: Promise<string>;
  stop(): Promise<void>;
}

/** `env` is all that it is told. What it logs goes to our stderr. */
export function startApiProcess(env: Readonly<Record<string, string>>): ApiProcess {
  const child = spawn(process.execPath, ['--import', 'tsx', 'src/main.ts'], {
    env: { PATH: process.env['PATH'], HOME: process.env['HOME'], ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(child, 'exit');
  child.stdout.setEncoding('utf8');
  let printed = '';
  const url = new Promise<string>((resolve, reject) => {
    child.stdout.on('data', (text: string) => {
      printed += text;
      const address = /API\s+(http:\S+)\/api\s/.exec(printed)?.[1];
      if (address) resolve(address);
    });
    child.once('exit', (code) => reject(new Error(`An API process ended with ${code} before it listened.`)));
  });
  return {
    url,
    async stop() {
      child.kill('SIGTERM');
      await ended;
    },
  };
}
