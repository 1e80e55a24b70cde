export interface Ask {
  readonly method: 'GET' | 'POST' | 'PATCH';
  /** Below `/api`. */
  readonly path: string;
  readonly body?: unknown;
  readonly token?: string;
  /** The Idempotency-Key. */
  readonly key?: string;
}

export interface Answer {
  /** 0: the connection gave none. */
  readonly status: number;
  /** The problem's code, or what the connection failed with. */
  readonly code: string | null;
  readonly body: Readonly<Record<string, unknown>>;
  /** A 503 as it has to be: problem+json, with a Retry-After of whole seconds. */
  readonly isProper503: boolean;
  readonly retryAfterMs: number;
  /** It is the stored answer to a request that came before. */
  readonly isReplayed: boolean;
}

/** Longer than the API retries a write for. */
const answerMs = 60_000;

/** Whether the client may come again: it was told so, in the right form. */
export const isRefusedForNow = ({ isProper503 }: Pick<Answer, 'isProper503'>): boolean => isProper503;

/** Asks once. Never throws: an answer that did not come has status 0. */
export async function callApi(
  url: string,
  { method, path, body, token, key }: Ask,
  signal: AbortSignal,
): Promise<Answer> {
  try {
    const response = await fetch(`${url}/api${path}`, {
      method,
      headers: {
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...(key === undefined ? {} : { 'idempotency-key': key }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.any([signal, AbortSignal.timeout(answerMs)]),
    });
    const told = (await response.json()) as Answer['body'];
    const retryAfter = response.headers.get('retry-after') ?? '';
    const isProblem = response.headers.get('content-type')?.startsWith('application/problem+json') === true;
    return {
      ...{ status: response.status, body: told, code: isProblem ? (told['code'] as string) : null },
      isProper503: response.status === 503 && isProblem && /^[1-9]\d*$/.test(retryAfter),
      retryAfterMs: Number(retryAfter) * 1_000,
      isReplayed: response.headers.get('idempotent-replayed') === 'true',
    };
  } catch (error) {
    const { name, cause } = error as { name: string; cause?: { code?: string } };
    return {
      status: 0,
      code: cause?.code ?? name,
      body: {},
      isProper503: false,
      retryAfterMs: 0,
      isReplayed: false,
    };
  }
}
