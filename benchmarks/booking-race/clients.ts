import { Agent, request } from 'node:http';
import pLimit from 'p-limit';

/** One patient who asks for one slot. */
export interface Wish {
  readonly token: string;
  readonly doctor_id: string;
  readonly date: Date;
  /** The Idempotency-Key; without one none is sent. */
  readonly key?: string | undefined;
}

export interface Answer {
  /** 0 when there was none. */
  readonly status: number;
  /** The problem's code, or the network's. */
  readonly code: string | null;
  readonly appointment_id: string | null;
}

/** More than the API retries a write for. */
const patienceMs = 60_000;

function post(url: string, agent: Agent, { token, doctor_id, date, key }: Wish): Promise<Answer> {
  const body = JSON.stringify({ doctor_id, date: date.toISOString() });
  const headers = {
    'content-type': 'application/json',
    'content-length': String(Buffer.byteLength(body)),
    authorization: `Bearer ${token}`,
    ...(key === undefined ? {} : { 'idempotency-key': key }),
  };
  return new Promise((resolve) => {
    const failed = ({ code, message }: NodeJS.ErrnoException): void =>
      resolve({ status: 0, code: code ?? message, appointment_id: null });
    const sent = request(`${url}/api/appointments`, { method: 'POST', agent, headers, timeout: patienceMs });
    sent.once('timeout', () => sent.destroy(new Error('timed out')));
    sent.once('error', failed);
    sent.once('response', (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (part: string) => (text += part));
      response.once('error', failed);
      response.once('end', () => {
        const { code = null, appointment_id = null } = JSON.parse(text) as Partial<Answer>;
        resolve({ status: response.statusCode!, code, appointment_id });
      });
    });
    sent.end(body);
  });
}

/**
 * Sends all wishes at once, in turns to each of the processes at `urls`, over keep-alive connections; no more than
 * `inFlight` wait for an answer at a time. `onAnswer` sees each answer as it comes; what is returned is in order of the wishes.
 */
export async function sendAll(
  urls: readonly string[],
  wishes: readonly Wish[],
  inFlight: number,
  onAnswer: (answer: Answer) => void = () => undefined,
): Promise<Answer[]> {
  const agents = urls.map(
    () => new Agent({ keepAlive: true, maxSockets: Math.ceil(inFlight / urls.length) }),
  );
  const limit = pLimit(inFlight);
  const send = async (wish: Wish, index: number): Promise<Answer> => {
    const process = index % urls.length;
    const answer = await post(urls[process]!, agents[process]!, wish);
    onAnswer(answer);
    return answer;
  };
  try {
    return await Promise.all(wishes.map((wish, index) => limit(() => send(wish, index))));
  } finally {
    for (const agent of agents) agent.destroy();
  }
}
