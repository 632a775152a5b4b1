/** Bodies that are streams of Node: what the caller reads is seen on the way to it. */
import { Copy, endWith, hasMethods, ignore } from './copy.js';
import type { Copied, StreamingBody } from '../../engine/exchange/answer.js';

/** The part of `node:stream`'s Readable that is used here; packages have readables of their own. */
interface NodeReadable {
  readonly destroyed?: boolean;
  readonly emit: (event: string | symbol, ...values: unknown[]) => boolean;
  readonly unshift: (...values: unknown[]) => unknown;
  on(event: 'error', listener: () => void): unknown;
  resume(): unknown;
  destroy(): unknown;
}

/** `undefined`: `data` is no stream of Node. `length`: how many bytes are to come at least, where that is known. */
export function streamingBodyOfNode(
  data: unknown,
  status: number,
  length: number | undefined,
): StreamingBody | undefined {
  if (!isNodeReadable(data)) return undefined;
  return { copy: (limit) => copyOfNode(data, new Copy(limit, length)), discard: () => discardNode(data, status) };
}

const NODE_METHODS = ['emit', 'on', 'read', 'unshift', 'resume', 'destroy'] as const;

const isNodeReadable = (data: unknown): data is NodeReadable => hasMethods(data, NODE_METHODS);

/** What ends a stream before its `end`; after it they say nothing. */
const ENDS_EARLY: ReadonlySet<string | symbol> = new Set(['error', 'aborted', 'close']);

/**
 * The stream stays the one that the adapter gave, and its mode the reader's choice. A listener of ours would take part
 * in that choice (the last `readable` listener that goes would set a stream flowing which has one for `data`), so what
 * it emits is seen on the way: whatever is read is emitted as `data`, once.
 */
function copyOfNode(stream: NodeReadable, copy: Copy): Promise<Copied> {
  if (stream.destroyed === true) {
    copy.fail('incomplete');
    return copy.end;
  }
  const { emit, unshift } = stream;
  // Known to the stream alone: whoever waits for the end of the copy does not keep it.
  const unhook = hooked(stream, {
    emit(event: string | symbol, ...values: unknown[]): boolean {
      if (event === 'data') copy.add(values[0]);
      else if (event === 'end') copy.finish();
      else if (ENDS_EARLY.has(event)) copy.fail('incomplete');
      if (copy.isOver) unhook();
      return emit.call(stream, event, ...values);
    },
    // What is put back is read once more.
    unshift(...values: unknown[]): unknown {
      copy.fail('incomplete');
      unhook();
      return unshift.apply(stream, values);
    },
  });
  endWith(stream, copy);
  return copy.end;
}

/** Puts methods before those of `target`, unlisted as those are, until the returned function is called. */
function hooked(target: object, methods: Readonly<Record<string, unknown>>): () => void {
  const before = Object.keys(methods).map((name) => [name, Object.getOwnPropertyDescriptor(target, name)] as const);
  for (const [name, value] of Object.entries(methods)) {
    Object.defineProperty(target, name, { value, writable: true, configurable: true });
  }
  return () => {
    for (const [name, descriptor] of before) {
      // Someone else's by now: theirs calls ours.
      if (Reflect.get(target, name) !== methods[name]) continue;
      if (descriptor === undefined) Reflect.deleteProperty(target, name);
      else Object.defineProperty(target, name, descriptor);
    }
  };
}

/** Without a body it is at its end, and its connection good for the next request. */
function discardNode(stream: NodeReadable, status: number): void {
  stream.on('error', ignore);
  if (status === 304) stream.resume();
  else stream.destroy();
}
