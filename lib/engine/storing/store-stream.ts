/**
 * This file keeps answers whose body goes to the caller while it arrives: they are stored once the whole body has
 * arrived, and no caller waits for that.
 */
import type { Answer, StreamingBody } from '../exchange/answer.js';
import type { CacheRequest } from '../exchange/request.js';
import { notStored, PENDING, type Storing } from '../exchange/storing.js';
import type { Background } from '../flights/background.js';
import { decideStorage } from '../../rfc9111/decide-storage.js';

/** It says what is done with a stream that has ended. */
interface AfterStream {
  /** It stores an answer, or finds that it must not be stored. */
  readonly keep: (answer: Answer) => Storing | Promise<Storing>;
  readonly background: Background;
  /** It is called once, when nothing remains to be done. */
  readonly end: () => void;
}

/**
 * It says at once what the head alone tells about the storing, so that the reader of the stream waits for no storage
 * call.
 */
export function keepOnceWhole(
  { head: request, policy }: CacheRequest,
  answer: Answer,
  body: StreamingBody,
  { keep, background, end }: AfterStream,
): Storing {
  const decision = decideStorage(request, answer, policy);
  const stores = decision.kind === 'store';
  // This copy does not refer to the stream, so that a stream which its reader has dropped can be collected.
  const head: Answer = { ...answer, adapterResponse: undefined, streaming: undefined };
  const copying = stores ? body.copy(policy.maxEntryBytes) : Promise.resolve('incomplete' as const);
  void copying.then((copied) => {
    const whole: Answer =
      typeof copied === 'string'
        ? { ...head, missing: copied }
        : { ...head, body: { kind: 'bytes', bytes: copied }, bodyBytes: copied.byteLength };
    background.leave(Promise.resolve(keep(whole)).finally(end));
  });
  return stores ? PENDING : notStored(decision.reason);
}
