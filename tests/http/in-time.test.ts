import { expect } from 'chai';
import Koa from 'koa';
import { pino } from 'pino';
import { answerInTime } from '../../src/http/middleware/in-time.js';
import { answerProblems } from '../../src/http/middleware/problems.js';
import { startServer } from '../../src/http/server.js';

describe('answerInTime', () => {
  it('QUAL-5: answers a request that waits for ever, and whatever comes of it later harms nobody', async () => {
    const app = new Koa();
    let goOn = (): void => undefined;
    const ended = new Promise<string>((resolve) => {
      app.use(answerProblems(pino({ level: 'silent' })));
      app.use(answerInTime(100));
      app.use(async (ctx) => {
        if (ctx.path === '/quick') return void (ctx.body = 'quick');
        await new Promise<void>((go) => (goOn = go));
        ctx.body = { late: true };
        ctx.set('X-Late', 'yes');
        resolve('ended');
      });
    });
    const server = await startServer(app, { host: '127.0.0.1', port: 0 });
    try {
      const answer = await fetch(`${server.url}/slow`);
      expect([answer.status, answer.headers.get('retry-after')]).to.deep.equal([503, '2']);
      expect(await answer.json()).to.include({ code: 'unavailable' });
      goOn();
      expect(await ended).to.equal('ended');
      expect(await (await fetch(`${server.url}/quick`)).text()).to.equal('quick');
    } finally {
      await server.stop();
    }
  });
});
