/** This file copies bodies that are streams of Node while their callers read them. */
import { Copy, endWith, hasMethods, ignore } from './copy.js';
import type { Copied, StreamingBody } from '../../engine/exchange/answer.js';

/** This is the part of `node:stream`'s Readable that is used here; packages have such classes of their own. */
interface NodeReadable {
  readonly destroyed?: boolean;
  readonly emit: (event: string | symbol, ...values: unknown[]) => boolean;
  readonly unshift: (...values: unknown[]) => unknown;
  on(event: 'error', listener: () => void): unknown;
  resume(): unknown;
  destroy(): unknown;
}

/**
 * Makes a body of a stream of Node; it is `undefined` where `data` is none. `length` is the least number of bytes that
 * are to come, where that is known.
 */
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
 * Copies what is read from `stream`, which stays the object that the adapter gave. The reader decides how the stream is
 * read, and a listener added here would take part in that decision: where the last listener for `readable` is removed,
 * a stream that has one for `data` begins to flow. Instead `emit` is watched: whatever is read is emitted as `data`,
 * once.
 */
function copyOfNode(stream: NodeReadable, copy: Copy): Promise<Copied> {
  if (stream.destroyed === true) {
    copy.fail('incomplete');
    return copy.end;
  }
  const { emit, unshift } = stream;
  // Only the stream refers to the hook, so that a dropped stream can be collected.
  const unhook = hooked(stream, {
    emit(event: string | symbol, ...values: unknown[]): boolean {
      if (event === 'data') copy.add(values[0]);
      else if (event === 'end') copy.finish();
      else if (ENDS_EARLY.has(event)) copy.fail('incomplete');
      if (copy.isOver) unhook();
      return emit.call(stream, event, ...values);
    },
    // What is put back will be emitted a second time.
    unshift(...values: unknown[]): unknown {
      copy.fail('incomplete');
      unhook();
      return unshift.apply(stream, values);
    },
  });
  endWith(stream, copy);
  return copy.end;
}

/**
 * Puts methods before those of `target` until the returned function is called. They are not enumerable, as methods of a
 * class are not.
 */
function hooked(target: object, methods: Readonly<Record<string, unknown>>): () => void {
  const before = Object.keys(methods).map((name) => [name, Object.getOwnPropertyDescriptor(target, name)] as const);
  for (const [name, value] of Object.entries(methods)) {
    Object.defineProperty(target, name, { value, writable: true, configurable: true });
  }
  return () => {
    for (const [name, descriptor] of before) {
      // Somebody has wrapped the method since; their wrapper still calls this one.
      if (Reflect.get(target, name) !== methods[name]) continue;
      if (descriptor === undefined) Reflect.deleteProperty(target, name);
      else Object.defineProperty(target, name, descriptor);
    }
  };
}

/**
 * Ends a stream that nobody will read. A 304 has no body, so that it is read to its end, which leaves the connection
 * free for the next request.
 */
function discardNode(stream: NodeReadable, status: number): void {
  stream.on('error', ignore);
  if (status === 304) stream.resume();
  else stream.destroy();
}
