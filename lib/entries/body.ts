/** What a response's body is once it is off the wire, and how each kind is kept as bytes. */
import { encoder, markKeepingDecoder } from '../support/utf8.js';

/** Exactly the bytes of a view, which may be a slice of a pool, in a buffer of their own. */
export const copyOf = ({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array<ArrayBuffer> =>
  new Uint8Array(new Uint8Array(buffer, byteOffset, byteLength));

/** Not structuredClone, which refuses the proxies that reactive frameworks put around their data. */
export const copyOfJson = (value: unknown): unknown => JSON.parse(JSON.stringify(value)) as unknown;

export type Body =
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array }
  | { readonly kind: 'text'; readonly text: string }
  /** JSON data handed over as an object, never serialised by an adapter (mock adapters do so). */
  | { readonly kind: 'value'; readonly value: unknown }
  | { readonly kind: 'none' };

export type BodyKind = Body['kind'];

/** In the order in which stored heads number them. */
export const BODY_KINDS: readonly BodyKind[] = ['bytes', 'text', 'value', 'none'];
const NO_BYTES = new Uint8Array(0);

/** The bytes that a storage keeps for `body`: as received, UTF-8 for text, JSON for a value. */
export function encodeBody(body: Body): Uint8Array {
  switch (body.kind) {
    case 'bytes':
      return body.bytes;
    case 'text':
      return encoder.encode(body.text);
    case 'value':
      return encoder.encode(JSON.stringify(body.value));
    case 'none':
      return NO_BYTES;
  }
}

/** The inverse of `encodeBody`. Throws a SyntaxError where a kept value is not JSON. */
export function decodeBody(kind: BodyKind, bytes: Uint8Array): Body {
  switch (kind) {
    case 'bytes':
      return { kind, bytes };
    case 'text':
      return { kind, text: markKeepingDecoder.decode(bytes) };
    case 'value':
      return { kind, value: JSON.parse(markKeepingDecoder.decode(bytes)) as unknown };
    case 'none':
      return { kind };
  }
}
