/**
 * How a part of a record is closed, so that what was changed is not read: by a checksum, a signature or encryption.
 * Each covers the head and the content, and binds them to what the part belongs to, which is not written.
 */
import { ENCRYPTED, HEAD_BYTES, partOf, type PartHead, SIGNED, startPart, viewOf } from './part.js';
import { crc32 } from '../../support/crc32.js';
import { nodeCrypto } from '../../support/platform.js';
import { encoder } from '../../support/utf8.js';

/** False where nothing but the checksum can be used. */
export const hasKeyedSeals = nodeCrypto() !== undefined;

/** What needs keys is made only where it is there. */
const crypto = nodeCrypto() as NonNullable<ReturnType<typeof nodeCrypto>>;

export interface Seal {
  /** The bit of the flags that tells this seal, 0 for the checksum. */
  readonly flag: number;
  /** Makes the part. `head.flags` has the bit of the seal. */
  close(head: PartHead, content: Uint8Array, binding: string): Uint8Array;
  /** Gives the content, or what is wrong. The bytes may be those of `part`. */
  open(part: Uint8Array, binding: string): Uint8Array | string;
}

const CHECKSUM_BYTES = 4;

/** CRC-32 at the end of the part. It notices damage, and two parts that do not belong together. */
export const checksum: Seal = {
  flag: 0,
  close(head, content, binding) {
    const end = HEAD_BYTES + content.byteLength;
    const part = startPart(head, end + CHECKSUM_BYTES);
    part.set(content, HEAD_BYTES);
    viewOf(part).setUint32(end, crc32(partOf(part, 0, end), crc32(binding)));
    return part;
  },
  open(part, binding) {
    const end = part.byteLength - CHECKSUM_BYTES;
    if (end < HEAD_BYTES) return 'it ends within its checksum';
    const isRight = viewOf(part).getUint32(end) === crc32(partOf(part, 0, end), crc32(binding));
    return isRight ? partOf(part, HEAD_BYTES, end) : 'its checksum is another';
  },
};

const SIGNATURE_BYTES = 32;

/** HMAC-SHA-256 (RFC 2104) at the end of the part. The first key signs, each is good for reading. */
export function createSignature(keys: Keys): Seal {
  const sign = (key: Uint8Array, signed: Uint8Array, binding: string): Uint8Array =>
    crypto.createHmac('sha256', key).update(binding).update(signed).digest();
  return {
    flag: SIGNED,
    close(head, content, binding) {
      const end = HEAD_BYTES + content.byteLength;
      const part = startPart(head, end + SIGNATURE_BYTES);
      part.set(content, HEAD_BYTES);
      part.set(sign(keys[0], partOf(part, 0, end), binding), end);
      return part;
    },
    open(part, binding) {
      const end = part.byteLength - SIGNATURE_BYTES;
      if (end < HEAD_BYTES) return 'it ends within its signature';
      const [signed, signature] = [partOf(part, 0, end), partOf(part, end, part.byteLength)];
      const isRight = keys.some((key) => crypto.timingSafeEqual(sign(key, signed, binding), signature));
      return isRight ? partOf(part, HEAD_BYTES, end) : 'its signature is of none of the signingKeys';
    },
  };
}

const ALGORITHM = 'aes-256-gcm';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const OPTIONS = { authTagLength: TAG_BYTES } as const;

/**
 * AES-256-GCM (NIST SP 800-38D): behind the head stand a random nonce, the encrypted content, and the tag. The first
 * key encrypts, each is good for reading.
 */
export function createEncryption(keys: Keys): Seal {
  /** The head is not secret, and must not be another. */
  const associated = (part: Uint8Array, binding: string): Uint8Array => {
    const text = encoder.encode(binding);
    const data = new Uint8Array(text.byteLength + HEAD_BYTES);
    data.set(text);
    data.set(partOf(part, 0, HEAD_BYTES), text.byteLength);
    return data;
  };
  const decrypt = (key: Uint8Array, part: Uint8Array, binding: string): Uint8Array | undefined => {
    const [start, end] = [HEAD_BYTES + NONCE_BYTES, part.byteLength - TAG_BYTES];
    const decipher = crypto.createDecipheriv(ALGORITHM, key, partOf(part, HEAD_BYTES, start), OPTIONS);
    decipher.setAAD(associated(part, binding)).setAuthTag(partOf(part, end, part.byteLength));
    const content = decipher.update(partOf(part, start, end));
    try {
      decipher.final();
      return content;
    } catch {
      return undefined;
    }
  };
  return {
    flag: ENCRYPTED,
    close(head, content, binding) {
      const [start, end] = [HEAD_BYTES + NONCE_BYTES, HEAD_BYTES + NONCE_BYTES + content.byteLength];
      const part = startPart(head, end + TAG_BYTES);
      const nonce = crypto.randomBytes(NONCE_BYTES);
      const cipher = crypto.createCipheriv(ALGORITHM, keys[0], nonce, OPTIONS);
      cipher.setAAD(associated(part, binding));
      part.set(nonce, HEAD_BYTES);
      part.set(cipher.update(content), start);
      cipher.final();
      part.set(cipher.getAuthTag(), end);
      return part;
    },
    open(part, binding) {
      if (part.byteLength < HEAD_BYTES + NONCE_BYTES + TAG_BYTES) return 'it ends within its tag';
      for (const key of keys) {
        const content = decrypt(key, part, binding);
        if (content !== undefined) return content;
      }
      return 'none of the encryptionKeys opens it';
    },
  };
}

export type Keys = readonly [Uint8Array, ...Uint8Array[]];

/**
 * Makes a key for one purpose of a text (HKDF with SHA-256, RFC 5869), so that a text that is given for both purposes,
 * or to several namespaces, makes different keys.
 */
export const deriveKey = (text: string, purpose: string): Uint8Array =>
  new Uint8Array(crypto.hkdfSync('sha256', text, '', `axios-client-cache ${purpose}`, 32));
