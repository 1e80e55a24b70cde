import { expect } from 'chai';
import { ConfigError, envExample, readConfig } from '../../src/config.js';
import { modules } from '../../src/contracts/modules.js';
import { settings } from '../../src/settings.js';

function mistakesOf(env: Record<string, string>): readonly string[] {
  try {
    readConfig(env);
    return [];
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.mistakes;
  }
}

const own = { MONGODB_URI: 'mongodb://db/x', POSTGRES_URI: 'postgres://db/x' };
const production = {
  ...{ NODE_ENV: 'production', JWT_SECRET: 'a real secret of more than 32 characters' },
  AUDIT_KEY: 'a real key of more than 32 characters',
  ...own,
};

describe('the configuration', () => {
  it('DOCS-4: needs nothing at all', () => {
    const config = readConfig({});
    expect(config).to.include({ port: 5000, host: '127.0.0.1', seedDemo: true, production: false });
    expect(config.jwt.secret).equal(undefined);
  });

  it('DOCS-4: takes an empty value for one that is not set', () => {
    expect(readConfig({ PORT: '', MONGODB_URI: '' })).to.include({ port: 5000, mongodbUri: undefined });
  });

  it('QUAL-2: runs all modules, or those that MODULES names, in the order of composition', () => {
    expect(readConfig({}).modules).deep.equal(modules);
    expect(readConfig({ MODULES: 'reports, money' }).modules).deep.equal(['money', 'reports']);
  });

  it('QUAL-2: refuses MODULES that is empty, unknown or twice, by name and with the list', () => {
    const list = `the list is ${modules.join(', ')}`;
    expect(mistakesOf({ MODULES: '' })).deep.equal([`MODULES is empty; ${list}`]);
    expect(mistakesOf({ MODULES: 'money,cash' })).deep.equal([`MODULES names "cash"; ${list}`]);
    expect(mistakesOf({ MODULES: 'money,' })).deep.equal([`MODULES names ""; ${list}`]);
    expect(mistakesOf({ MODULES: 'money,clinical,money' })).deep.equal([
      `MODULES names money twice; ${list}`,
    ]);
  });

  it('DOCS-4: lists every mistake at once, by the name of its variable', () => {
    const wrong = {
      NODE_ENV: 'prod',
      PORT: '70000',
      HOST: 'no host',
      PUBLIC_URL: 'ftp://hospital.example',
      MONGODB_URI: 'http://db/x',
      POSTGRES_URI: 'mysql://db/x',
      SEED_DEMO: 'perhaps',
      ADMIN_EMAIL: 'nobody',
      ADMIN_PASSWORD: 'é'.repeat(40),
      JWT_SECRET: 'short',
      ACCESS_TOKEN_SECONDS: '1',
      BCRYPT_COST: '3',
      RATE_LIMIT_LOGIN: '0',
      TRUSTED_PROXY_HOPS: '-1',
      HOSPITAL_TIME_ZONE: 'Mars/Olympus',
      REPORT_TIME_ZONE: 'Mars/Olympus',
      BOOKING_DAYS: '1.5',
      LOG_LEVEL: 'loud',
      METRICS_TOKEN: 'short',
      JWT_PREVIOUS_SECRETS: 'short,also short',
      AUDIT_KEY: 'short',
      AUDIT_PREVIOUS_KEYS: 'short',
    };
    const mistakes = mistakesOf(wrong);
    expect(mistakes.map((line) => line.split(' ')[0]).sort()).deep.equal(Object.keys(wrong).sort());
    expect(() => readConfig(wrong)).to.throw(ConfigError, /has 22 mistakes:\n {2}NODE_ENV must be one of/);
  });

  it('DOCS-4: never gives a secret back in a mistake', () => {
    const text = mistakesOf({
      MONGODB_URI: 'mongo://root:hunter2@db/x',
      POSTGRES_URI: 'mysql://root:hunter2@db/x',
      JWT_SECRET: 'hunter2',
      JWT_PREVIOUS_SECRETS: 'hunter2',
      METRICS_TOKEN: 'hunter2',
      ADMIN_EMAIL: 'hunter2',
      ADMIN_PASSWORD: 'hunter2'.repeat(20),
    }).join('\n');
    expect(text.split('\n')).to.have.length(7);
    expect(text).not.to.include('hunter2');
  });

  it('takes the address of a whole replica set, with ports and a password', () => {
    const uris = [
      'mongodb://db1,db2,db3/smart_healthcare?replicaSet=rs0',
      'mongodb://127.0.0.1:27017,127.0.0.1:27018,127.0.0.1:27019/?replicaSet=rs0',
      'mongodb://api:p%40ss@db1:27017,db2:27017/x?replicaSet=rs0&tls=true',
      'mongodb+srv://api:p@cluster.example.net/x',
    ];
    for (const uri of uris) expect(readConfig({ MONGODB_URI: uri }).mongodbUri).equal(uri);
  });

  it('DOCS-4: takes the address that links start with, without its last slash, or makes it of HOST and PORT', () => {
    expect(readConfig({}).publicUrl).equal('http://127.0.0.1:5000');
    expect(readConfig({ PUBLIC_URL: 'https://h.example/care/' }).publicUrl).equal('https://h.example/care');
    for (const wrong of ['h.example', 'ftp://h.example', 'https://h.example/?a=1', 'https://u:p@h.example'])
      expect(mistakesOf({ PUBLIC_URL: wrong })[0], wrong).to.match(/^PUBLIC_URL /);
    expect(mistakesOf({ ...production, SMTP_URL: 'smtp://mail' })[0]).to.match(/^PUBLIC_URL is needed/);
    const mailing = { ...production, SMTP_URL: 'smtp://mail', PUBLIC_URL: 'https://h.example' };
    expect(mistakesOf(mailing)).deep.equal([]);
  });

  it('wants the first admin whole or not at all', () => {
    const together = ['ADMIN_EMAIL and ADMIN_PASSWORD go together'];
    expect(mistakesOf({ ADMIN_EMAIL: 'a@b.example' })).deep.equal(together);
    expect(mistakesOf({ ADMIN_PASSWORD: 'a long password' })).deep.equal(together);
  });

  describe('in production', () => {
    it('AUTH-4: refuses to start without a secret, with a short one and with the example', () => {
      expect(mistakesOf({ NODE_ENV: 'production' })[0]).to.match(/^JWT_SECRET is needed in production/);
      expect(mistakesOf({ ...production, JWT_SECRET: 'x'.repeat(31) })[0]).to.match(/^JWT_SECRET length/);
      const example = settings.JWT_SECRET.example!;
      expect(mistakesOf({ ...production, JWT_SECRET: example })[0]).to.match(/^JWT_SECRET is the example/);
      expect(mistakesOf(production)).deep.equal([]);
    });

    it('AUTH-8: refuses to start without a key for the trail, with a short one and with the example', () => {
      const { AUDIT_KEY: _key, ...none } = production;
      expect(mistakesOf(none)).deep.equal(['AUDIT_KEY is needed in production (32 characters or more)']);
      expect(mistakesOf({ ...production, AUDIT_KEY: 'x'.repeat(31) })[0]).to.match(/^AUDIT_KEY length/);
      const example = settings.AUDIT_KEY.example!;
      expect(mistakesOf({ ...production, AUDIT_KEY: example })[0]).to.match(/^AUDIT_KEY is the example/);
      const listed = { ...production, AUDIT_KEY: `${'x'.repeat(32)},` };
      expect(mistakesOf(listed)[0]).to.match(/^AUDIT_KEY must hold no comma/);
    });

    it('SEC-10: refuses embedded servers, each by the name of its setting, unless told to run them', () => {
      const { MONGODB_URI: _mongo, POSTGRES_URI: _postgres, ...none } = production;
      const names = mistakesOf(none).map((line) => line.split(' ')[0]);
      expect(names).deep.equal(['MONGODB_URI', 'POSTGRES_URI']);
      expect(mistakesOf({ ...none, MONGODB_URI: own.MONGODB_URI })).to.have.length(1);
      expect(mistakesOf({ ...none, POSTGRES_URI: 'not one' })).to.have.length(2);
      expect(readConfig({ ...none, EMBEDDED_IN_PRODUCTION: 'true' }).seedDemo).equal(false);
    });

    it('AUTH-5: refuses a bcrypt cost below 10', () => {
      expect(mistakesOf({ ...production, BCRYPT_COST: '9' })).deep.equal([
        'BCRYPT_COST must be at least 10 in production',
      ]);
    });

    it('SUP-9: refuses webhooks to hosts that are not on the public internet', () => {
      expect(mistakesOf({ ...production, WEBHOOK_PRIVATE_HOSTS: 'true' })).deep.equal([
        'WEBHOOK_PRIVATE_HOSTS cannot be true in production: any user could have our own network asked',
      ]);
      expect(readConfig(production).webhookPrivateHosts).equal(false);
    });

    it('refuses the demo accounts, whose passwords are known, and does not load them unasked', () => {
      expect(mistakesOf({ ...production, SEED_DEMO: 'true' })[0]).to.match(/^SEED_DEMO cannot be true/);
      expect(readConfig(production).seedDemo).equal(false);
    });
  });

  it('SEC-10: refuses the demo accounts on every address but this machine’s own, and takes none in their place', () => {
    for (const HOST of ['127.0.0.1', '127.8.9.1', '::1', 'localhost', 'LOCALHOST', '::ffff:127.0.0.1'])
      expect(readConfig({ HOST }), HOST).to.include({ seedDemo: true, isReachable: false });
    for (const HOST of [
      '0.0.0.0',
      '::',
      '10.0.0.5',
      '192.168.1.2',
      'api.hospital.example',
      '128.0.0.1',
      '::ffff:10.0.0.1',
    ]) {
      for (const env of [{}, { SEED_DEMO: 'true' }, { ...own, SEED_DEMO: 'true' }])
        expect(mistakesOf({ HOST, ...env })[0], HOST).to.match(
          /^HOST \S+ is reached from other machines, .*SEED_DEMO=false/,
        );
      for (const env of [{ SEED_DEMO: 'false' }, own])
        expect(readConfig({ HOST, ...env }), HOST).to.include({ seedDemo: false, isReachable: true });
    }
  });

  it('AUTH-4: refuses the example among the secrets that still verify', () => {
    const JWT_PREVIOUS_SECRETS = `${'x'.repeat(40)},${settings.JWT_SECRET.example!}`;
    expect(mistakesOf({ JWT_PREVIOUS_SECRETS })[0]).to.match(/^JWT_PREVIOUS_SECRETS holds the example/);
  });

  it('loads the demo into servers of your own only when asked to', () => {
    expect(readConfig(own).seedDemo).equal(false);
    expect(readConfig({ MONGODB_URI: own.MONGODB_URI }).seedDemo).equal(false);
    expect(readConfig({ ...own, SEED_DEMO: 'true' }).seedDemo).equal(true);
  });

  it('is all in .env.example, each setting explained and none of them set', () => {
    const lines = envExample().split('\n');
    for (const name of Object.keys(settings)) {
      const at = lines.findIndex((line) => line.startsWith(`# ${name}=`));
      expect(at, name).greaterThan(0);
      expect(lines[at - 1], name).to.match(/^# \S.*/);
    }
    expect(lines.filter((line) => line !== '' && !line.startsWith('#'))).deep.equal([]);
  });
});
