/** The answers of a client of the user's: each is waited for so long, and none once the client is silent. */
import { CacheError } from '../../api/errors.js';
import { elapsedMs, unref } from '../../support/timers.js';
import { LIMITS } from './limits.js';

const failure = (what: string): CacheError => new CacheError('ERR_CACHE_STORAGE', `RedisStorage: the client ${what}`);

/** A client may lose its connection before a command is sent, and then keeps the command for as long as that lasts. */
export const inTime = (reply: Promise<unknown>, onLate?: () => void): Promise<unknown> =>
  new Promise((resolve, reject) => {
    const { answerMs } = LIMITS;
    const timer = setTimeout(() => {
      onLate?.();
      reject(failure(`gave no answer within ${answerMs} ms`));
    }, answerMs);
    unref(timer);
    const end = <T>(settle: (value: T) => void) => (value: T): void => {
      clearTimeout(timer);
      settle(value);
    };
    reply.then(end(resolve), end(reject));
  });

/**
 * The answers of one connection, which come in the order of the commands: where one is overdue, so is the next. Then it
 * is asked by a PING, and until that is answered no caller waits. A client of redis 5 whose connection broke before its
 * first answer takes it for ready and is silent for good.
 */
export class Answers {
  readonly #ping: () => Promise<unknown>;
  /** When it was asked last, by a clock that is never set back; `undefined` while it answers. */
  #askedAtMs: number | undefined;

  constructor(ping: () => Promise<unknown>) {
    this.#ping = ping;
  }

  /** @param send is not called while the client is silent. */
  of(send: () => Promise<unknown>): Promise<unknown> {
    if (this.#askedAtMs === undefined) return inTime(send(), () => { this.#ask(); });
    // A client may have lost the last PING and still come to itself.
    if (elapsedMs() - this.#askedAtMs > LIMITS.answerMs) this.#ask();
    return Promise.reject(failure('is silent'));
  }

  #ask(): void {
    this.#askedAtMs = elapsedMs();
    // A failure is an answer too: by the server, or by a client that knows that its connection is lost.
    const end = (): void => { this.#askedAtMs = undefined; };
    this.#ping().then(end, end);
  }
}
