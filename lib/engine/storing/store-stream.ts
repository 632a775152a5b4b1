/** Answers that go to their caller as they come: kept once the whole of them has come, with no caller waiting for it. */
import type { Answer, Passing } from '../exchange/answer.js';
import type { Exchange } from '../exchange/request.js';
import type { Storing } from '../exchange/storing.js';
import type { Background } from '../flights/background.js';
import { decideStorage } from '../../rfc9111/decide-storage.js';

/**
 * Says at once what is known by the head, so that no storage call stands between a stream and its reader. `keep` stores
 * an answer, or finds that it is not to be stored; until then `hold` is held.
 */
export function keepOnceWhole(
  exchange: Exchange,
  answer: Answer,
  passing: Passing,
  keep: (answer: Answer) => Promise<unknown>,
  background: Background,
  hold: { release(): void },
): Storing {
  const decision = decideStorage(exchange.head, answer, exchange.policy);
  const stores = decision.kind === 'store';
  // Without what leads to the stream: one that its reader has dropped is to be collected.
  const { native: _native, passing: _passing, ...head } = answer;
  const copying = stores ? passing.copy(exchange.policy.maxEntryBytes) : Promise.resolve('incomplete' as const);
  void copying.then((copied) => {
    const whole: Answer =
      typeof copied === 'string' ? { ...head, missing: copied } : { ...head, body: { kind: 'bytes', bytes: copied } };
    background.add(keep(whole).finally(() => hold.release()));
  });
  return stores ? { kind: 'pending' } : { kind: 'not-stored', reason: decision.reason };
}
