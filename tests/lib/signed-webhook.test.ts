import { expect } from 'chai';
import { newWebhookSecret, webhookHeaders } from '../../src/lib/signed-webhook.js';

describe('signed webhooks', () => {
  it('SUP-9: are signed as the libraries of Standard Webhooks verify (their test vector)', () => {
    const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
    const id = 'msg_p5jXN8AQM9LWM0D4loKWxJek';
    expect(webhookHeaders([secret], id, '{"test": 2432232314}', new Date(1614265330_999))).deep.equal({
      'webhook-id': id,
      'webhook-timestamp': '1614265330',
      'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
    });
  });

  it('SUP-9: have a signature of each secret, with spaces between, while one is changed for another', () => {
    const secrets = [newWebhookSecret(), newWebhookSecret()];
    const at = new Date();
    const both = webhookHeaders(secrets, 'WD1', 'é', at)['webhook-signature'].split(' ');
    const each = secrets.map((secret) => webhookHeaders([secret], 'WD1', 'é', at)['webhook-signature']);
    expect(both).deep.equal(each);
    expect(new Set(both).size).equal(2);
  });

  it('SUP-9: have secrets of 32 random bytes', () => {
    const [one, other] = [newWebhookSecret(), newWebhookSecret()];
    expect(one)
      .to.match(/^whsec_[A-Za-z0-9+/]{43}=$/)
      .and.not.equal(other);
  });
});
