/**
 * Answers that go to their caller as they come: kept once the whole of them has come, with no caller waiting for it.
 */
import type { Answer, StreamingBody } from '../exchange/answer.js';
import type { CacheRequest } from '../exchange/request.js';
import type { Storing } from '../exchange/storing.js';
import type { Background } from '../flights/background.js';
import { decideStorage } from '../../rfc9111/decide-storage.js';

/** What is done with a stream that has ended. */
interface AfterStream {
  /** Stores an answer, or finds that it is not to be stored. */
  readonly keep: (answer: Answer) => Storing | Promise<Storing>;
  readonly background: Background;
  /** Called once, when nothing remains to be done. */
  readonly end: () => void;
}

/** Says at once what is known by the head, so that no storage call stands between a stream and its reader. */
export function keepOnceWhole(
  { head: request, policy }: CacheRequest,
  answer: Answer,
  body: StreamingBody,
  { keep, background, end }: AfterStream,
): Storing {
  const decision = decideStorage(request, answer, policy);
  const stores = decision.kind === 'store';
  // Without what leads to the stream: one that its reader has dropped is to be collected.
  const head: Answer = { ...answer, adapterResponse: undefined, streaming: undefined };
  const copying = stores ? body.copy(policy.maxEntryBytes) : Promise.resolve('incomplete' as const);
  void copying.then((copied) => {
    const whole: Answer =
      typeof copied === 'string'
        ? { ...head, missing: copied }
        : { ...head, body: { kind: 'bytes', bytes: copied }, bodyBytes: copied.byteLength };
    background.add(Promise.resolve(keep(whole)).finally(end));
  });
  return stores ? { kind: 'pending' } : { kind: 'not-stored', reason: decision.reason };
}
