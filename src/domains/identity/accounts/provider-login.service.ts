import { createHash } from 'node:crypto';
import type { TextSeal } from '../../../databases/sealed-text.js';
import type { Actor } from '../../../lib/actor.js';
import type { Clock } from '../../../lib/clock.js';
import { publicDoor } from '../../../lib/door.js';
import { notFound, Problem } from '../../../lib/errors.js';
import { loggable, type Logger } from '../../../lib/logger.js';
import type { MongoTransaction, Transact } from '../../../lib/transaction.js';
import type { AuditService } from '../audit/index.js';
import { auditEntry } from './accounts.audit.js';
import type { UserRepository } from './accounts.repository.js';
import type { Origin, User } from './accounts.types.js';
import { viewOf } from './accounts.view.js';
import type { Challenges } from './challenges.js';
import { emailKey } from './email.js';
import type { Links } from './links.service.js';
import type { LoginIdentityRepository } from './login-identities.repository.js';
import type { Flow, Known, Provider } from './providers.js';
import type { SessionsService } from './sessions.service.js';
import type { SignedIn, SignIn } from './sign-in.js';

export interface ProviderLoginDeps {
  readonly providers: readonly Provider[];
  readonly users: UserRepository;
  readonly identities: LoginIdentityRepository;
  readonly sessions: Pick<SessionsService, 'newGrant'>;
  readonly links: Pick<Links, 'tell'>;
  readonly signIn: SignIn;
  readonly challenges: Challenges;
  readonly audit: AuditService;
  readonly transact: Transact;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly seal: TextSeal;
  readonly publicUrl: string;
}

/** For the way there and back. */
export const flowSeconds = 600;

type KeptFlow = Flow & { readonly until: number; readonly next: string | null };

const identityOf = ({ issuer }: Provider, { subject }: Known): string =>
  createHash('sha256')
    .update(JSON.stringify([issuer, subject]))
    .digest('hex');

/** AUTH-7: signing in by somebody who knows the person already. */
export function createProviderLoginService(deps: ProviderLoginDeps) {
  const { users, identities, links, sessions, challenges, audit, transact, clock, seal } = deps;

  const callbackOf = ({ id }: Provider): string => `${deps.publicUrl}/sign-in/with/${id}/back`;

  function providerOf(id: string): Provider {
    const provider = deps.providers.find((one) => one.id === id);
    if (!provider) throw notFound('page');
    return provider;
  }

  function opened(sealed: string | undefined, id: string): KeptFlow {
    const text = sealed === undefined ? null : seal.unseal(sealed);
    const flow = text && (JSON.parse(text.text) as KeptFlow);
    if (!flow || flow.provider !== id || flow.until <= clock.now().getTime())
      throw new Problem('challenge_refused');
    return flow;
  }

  /** Whatever is wrong with an answer, it is refused alike; the log has the code of the library. */
  async function ask(provider: Provider, query: string, flow: KeptFlow): Promise<Known> {
    try {
      return await provider.finish(new URL(`${callbackOf(provider)}${query}`), flow);
    } catch (error) {
      deps.logger.warn(
        { error: loggable(error), provider: provider.id },
        'a sign-in by a provider was refused',
      );
      throw new Problem('provider_refused');
    }
  }

  /**
   * The account that the identity is linked to, or is linked to now: the one with its address, where both sides have shown that the
   * address is theirs. Nobody gets at an account by an address that they only say is theirs, here or there. Throws `not_linked`.
   */
  async function accountOf(
    provider: Provider,
    known: Known,
    origin: Origin,
    tx: MongoTransaction,
  ): Promise<User | null> {
    const identity_id = identityOf(provider, known);
    const identity = await identities.find(identity_id, tx);
    if (identity) {
      const user = await users.find(identity.user_id, tx);
      return user?.active ? user : null;
    }
    if (known.email === null) return null;
    const user = await users.findByEmailKey(emailKey(known.email), tx);
    if (!user?.active || !user.email_confirmed) return null;
    const { user_id } = user;
    await identities.insert({ identity_id, user_id, provider: provider.id, linked_at: clock.now() }, tx);
    await audit.record(auditEntry('account.identity_linked', 'success', user, origin), tx);
    await links.tell(user_id, 'identity_linked', tx);
    return user;
  }

  const forActors = publicDoor({
    /** For the buttons. */
    list: (_actor: Actor | null): readonly { id: string; name: string }[] =>
      deps.providers.map(({ id, name }) => ({ id, name })),

    /** Where to send the browser, and what it is to bring back. Throws `not_found`, `provider_refused`. */
    async begin(
      _actor: Actor | null,
      id: string,
      next: string | undefined,
    ): Promise<{ url: string; flow: string }> {
      const provider = providerOf(id);
      const { url, flow } = await provider.begin(callbackOf(provider)).catch((error: unknown) => {
        deps.logger.warn({ error: loggable(error), provider: id }, 'a provider cannot be reached');
        throw new Problem('provider_refused');
      });
      const until = clock.now().getTime() + flowSeconds * 1000;
      return { url, flow: seal.seal(JSON.stringify({ ...flow, until, next: next ?? null })) };
    },

    /**
     * Signs in who comes back with the answer of the provider. Throws `challenge_refused`, `provider_refused`, `not_linked`, and
     * `code_required` where there is a second factor.
     */
    async finish(
      _actor: Actor | null,
      back: { id: string; query: string; flow: string | undefined; device_token: string | undefined },
      origin: Origin,
    ): Promise<{ tokens: SignedIn; next: string | undefined }> {
      const provider = providerOf(back.id);
      const flow = opened(back.flow, back.id);
      const known = await ask(provider, back.query, flow);
      const grant = sessions.newGrant();
      const { device_token } = back;
      const found = await transact(async (tx) => {
        const user = await accountOf(provider, known, origin, tx);
        if (!user || user.second_factor_at !== null) {
          const action = user ? 'auth.password_accepted' : 'auth.login';
          await audit.record(auditEntry(action, user ? 'success' : 'failure', user, origin), tx);
        } else await deps.signIn.open(user, grant, { origin, device_token }, tx);
        return user && { user_id: user.user_id };
      });
      const user = found && (await users.find(found.user_id));
      if (!user) throw new Problem('not_linked');
      const next = flow.next ?? undefined;
      if (user.second_factor_at !== null)
        throw new Problem('code_required', undefined, { more: { ...challenges.issue(user), next } });
      return { tokens: deps.signIn.answer(viewOf(user), grant, device_token), next };
    },
  });

  return { forActors };
}

export type ProviderLoginService = ReturnType<typeof createProviderLoginService>;
