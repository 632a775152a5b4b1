/** This file copies bodies that are streams: what the caller reads is copied, and nothing that it does not read. */
import { Copy, endWith, hasMethods, ignore } from './copy.js';
import { streamingBodyOfNode } from './node-streams.js';
import type { StreamingBody } from '../../engine/exchange/answer.js';

/** This is a response as an adapter gives it; its stream may be replaced by one of the same kind. */
interface Streamed {
  readonly status: number;
  data: unknown;
}

/**
 * Makes a body of a response whose data is a stream; it is `undefined` for other data. `length` is the least number of
 * bytes that are to come, where that is known.
 */
export function streamingBodyOf(response: Streamed, length: number | undefined): StreamingBody | undefined {
  const { data, status } = response;
  const ofNode = streamingBodyOfNode(data, status, length);
  if (ofNode !== undefined) return ofNode;
  if (!isWebReadable(data)) return undefined;
  return {
    copy: (limit) => {
      const copy = new Copy(limit, length);
      response.data = copiedWeb(data, copy);
      return copy.end;
    },
    discard: () => void data.cancel().catch(ignore),
  };
}

const isWebReadable = (data: unknown): data is ReadableStream<unknown> => hasMethods(data, ['getReader', 'cancel']);

/**
 * Makes a stream of the same type, which asks `source` for a piece when it is asked for one itself. A tee would not do,
 * as it keeps all that one side has not read. Nothing is locked before the first read, so that the platform can end a
 * stream that is dropped unread.
 */
function copiedWeb(source: ReadableStream<unknown>, copy: Copy): ReadableStream {
  let reader: ReadableStreamDefaultReader<unknown> | undefined;
  const pull = async (controller: ReadableStreamDefaultController | ReadableByteStreamController): Promise<void> => {
    reader ??= source.getReader();
    try {
      const { done, value } = await reader.read();
      if (!done) {
        copy.add(value);
        return controller.enqueue(value as Uint8Array<ArrayBuffer>);
      }
      copy.finish();
      controller.close();
      // A reader that gave a buffer of its own gets it back.
      if ('byobRequest' in controller) controller.byobRequest?.respond(0);
    } catch (error) {
      copy.fail('incomplete');
      throw error;
    }
  };
  const cancel = (reason: unknown): Promise<void> => {
    copy.fail('incomplete');
    return (reader ?? source).cancel(reason);
  };
  const lazily = { highWaterMark: 0 };
  const copied = isByteStream(source)
    ? new ReadableStream({ type: 'bytes', pull, cancel }, lazily)
    : new ReadableStream({ pull, cancel }, lazily);
  endWith(copied, copy);
  return copied;
}

function isByteStream(stream: ReadableStream): boolean {
  try {
    stream.getReader({ mode: 'byob' }).releaseLock();
    return true;
  } catch {
    return false;
  }
}
