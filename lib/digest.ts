/** Keyed digests (HMAC-SHA-256, RFC 2104) of what a key must not show, and plain ones (SHA-256) for addresses. */
import { hmac } from '@noble/hashes/hmac.js';
import { sha256 } from '@noble/hashes/sha2.js';

/** Digests under one secret: 43 characters of base64url, equal where the values are. */
export interface Digest {
  /** Remembers the latest values, so use it for what comes back with each request. */
  text(value: string): string;
  /** For what comes once or is large. */
  bytes(value: Uint8Array): string;
}

const REMEMBERED = 1000;
const encoder = new TextEncoder();

export function createDigest(secret: string): Digest {
  const keyed = hmac.create(sha256, encoder.encode(secret));
  const known = new Map<string, string>();
  const bytes = (value: Uint8Array): string => base64url(keyed.clone().update(value).digest());
  return {
    bytes,
    text(value) {
      const remembered = known.get(value);
      if (remembered !== undefined) return remembered;
      const digest = bytes(encoder.encode(value));
      if (known.size >= REMEMBERED) known.clear();
      known.set(value, digest);
      return digest;
    },
  };
}

/** A short address for a text of any length: the same in every process. */
export const hashAddress = (text: string): string => base64url(sha256(encoder.encode(text)));

const base64url = (bytes: Uint8Array): string =>
  btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '');
