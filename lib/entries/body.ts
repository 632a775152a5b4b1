/** This file says which kinds of body a response may have, and how each kind is kept as bytes. */
import { encoder, markKeepingDecoder } from '../support/utf8.js';

/** It copies exactly the bytes of a view, which may be a slice of a shared buffer, into a buffer of their own. */
export const copyOf = ({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array<ArrayBuffer> =>
  new Uint8Array(new Uint8Array(buffer, byteOffset, byteLength));

/**
 * It copies JSON data. It does not use structuredClone, which refuses the proxies that reactive frameworks put around
 * their data.
 */
export const copyOfJson = (value: unknown): unknown => JSON.parse(JSON.stringify(value)) as unknown;

export type Body =
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array }
  | { readonly kind: 'text'; readonly text: string }
  /** This is JSON data that an adapter, mostly a mock, handed over as an object and never serialised. */
  | { readonly kind: 'value'; readonly value: unknown }
  | { readonly kind: 'none' };

export type BodyKind = Body['kind'];

/** Their order must stay, as stored heads contain the position of a kind in this list. */
export const BODY_KINDS: readonly BodyKind[] = ['bytes', 'text', 'value', 'none'];
const NO_BYTES = new Uint8Array(0);

/** It returns the bytes that a storage keeps for `body`: bytes as received, text as UTF-8, and a value as JSON. */
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

/** It reverses `encodeBody`. It throws a SyntaxError where a kept value is not JSON. */
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
