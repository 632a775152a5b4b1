/** The options that all storages share that write bytes: what they take, and what they come to. */
import { optionError, showValue } from '../../options/faults.js';
import { isPlainObject } from '../../support/plain-object.js';
import { type CodecLayers, createCodec, type RecordCodec } from './codec.js';
import { canCompress } from './compression.js';
import {
  checksum, createEncryption, createSignature, deriveKey, hasKeyedSeals, type Keys, type Seal,
} from './seals.js';

export interface RecordOptions {
  /** Separates caches in one engine. @default 'axios-cache' */
  namespace?: string;
  /**
   * Whether records are compressed: `true` compresses heads and bodies of 4096 bytes and more, and keeps what gets
   * smaller by it. What is compressed is read with and without this option. Node only. @default false
   */
  compress?: boolean | { from: number };
  /**
   * Texts of 16 characters or more. Records are signed by the first one, and are read where any of them has signed;
   * without a signature they count as absent. Node only.
   */
  signingKeys?: readonly string[];
  /**
   * Texts of 16 characters or more. Records are encrypted by the first one, and are read by any of them; what is not
   * encrypted counts as absent. Encryption signs too, so that it is given in place of `signingKeys`. Node only.
   */
  encryptionKeys?: readonly string[];
}

export interface ResolvedRecordOptions {
  readonly namespace: string;
  readonly codec: RecordCodec;
}

const NAMES = ['namespace', 'compress', 'signingKeys', 'encryptionKeys'] as const satisfies (keyof RecordOptions)[];

const DEFAULT_NAMESPACE = 'axios-cache';
/** What `compress: true` compresses from on: below it there is little to win. */
const COMPRESS_FROM = 4096;
const SHORTEST_KEY = 16;

/**
 * Sees that `given` is an object with options of these names, and of no others.
 * @param own the names of the options of `storageName` that are none of RecordOptions.
 * @throws CacheError `ERR_CACHE_OPTION`
 */
export function checkOptionNames(given: unknown, own: readonly string[], storageName: string): void {
  const names: readonly string[] = [...own, ...NAMES];
  const takes = `${storageName} takes an object with ${names.join(', ')}.`;
  if (!isPlainObject(given)) throw optionError('options', `${takes} Got ${showValue(given)}.`);
  const unknown = Object.keys(given).find((name) => !names.includes(name));
  if (unknown !== undefined) throw optionError(unknown, `unknown option "${unknown}": ${takes}`);
}

/**
 * Reads the options that are those of all storages; others in the object are the storage's.
 * @throws CacheError `ERR_CACHE_OPTION`
 */
export function resolveRecordOptions(options: RecordOptions, storageName: string): ResolvedRecordOptions {
  const wrong: Wrong = (option, allowed, got) =>
    optionError(option, `${storageName}: ${option} must be ${allowed}; got ${got}.`);
  const { namespace = DEFAULT_NAMESPACE } = options;
  if (typeof namespace !== 'string' || namespace === '') {
    throw wrong('namespace', 'text that is not empty', showValue(namespace));
  }
  const layers: CodecLayers = {
    seal: resolveSeal(options, namespace, storageName, wrong),
    compressFrom: resolveCompression(options, storageName, wrong),
  };
  return { namespace, codec: createCodec(namespace, layers) };
}

type Wrong = (option: string, allowed: string, got: string) => Error;

function resolveCompression({ compress = false }: RecordOptions, storageName: string, wrong: Wrong): number {
  if (compress === false) return Infinity;
  if (!canCompress) throw nodeOnly('compress', storageName);
  if (compress === true) return COMPRESS_FROM;
  const isObject = isPlainObject(compress) && Object.keys(compress).every((name) => name === 'from');
  if (!isObject) throw wrong('compress', 'true, false, or an object such as { from: 4096 }', showValue(compress));
  const { from } = compress as { from: unknown };
  const isCount = Number.isSafeInteger(from) && Number(from) >= 0;
  if (!isCount) throw wrong('compress.from', 'a whole number of bytes, 0 or more', showValue(from));
  return Number(from);
}

function resolveSeal(options: RecordOptions, namespace: string, storageName: string, wrong: Wrong): Seal {
  const { signingKeys, encryptionKeys } = options;
  if (signingKeys !== undefined && encryptionKeys !== undefined) {
    const remedy = 'What is encrypted is signed by that too: leave signingKeys out.';
    throw optionError('signingKeys', `${storageName}: give signingKeys or encryptionKeys, not both. ${remedy}`);
  }
  const [option, texts] = signingKeys === undefined
    ? ['encryptionKeys', encryptionKeys] as const
    : ['signingKeys', signingKeys] as const;
  if (texts === undefined) return checksum;
  if (!hasKeyedSeals) throw nodeOnly(option, storageName);
  checkKeys(option, texts, wrong);
  const keys = keysOf(texts, `${option} ${namespace}`);
  return option === 'signingKeys' ? createSignature(keys) : createEncryption(keys);
}

/** No message shows a key. */
function checkKeys(option: string, texts: unknown, wrong: Wrong): void {
  if (!Array.isArray(texts) || texts.length === 0) {
    const got = Array.isArray(texts) ? 'an empty list' : typeof texts;
    throw wrong(option, 'a list of texts, even for a single one', got);
  }
  for (const [index, text] of (texts as readonly unknown[]).entries()) {
    const got = typeof text === 'string' ? `one of ${text.length}` : typeof text;
    const isKey = typeof text === 'string' && text.length >= SHORTEST_KEY;
    if (!isKey) throw wrong(`${option}[${index}]`, `a text of ${SHORTEST_KEY} characters or more`, got);
  }
}

const keysOf = (texts: readonly string[], purpose: string): Keys =>
  texts.map((text) => deriveKey(text, purpose)) as [Uint8Array, ...Uint8Array[]];

const nodeOnly = (option: string, storageName: string): Error =>
  optionError(option, `${storageName}: ${option} needs Node's own modules, which are not here. Leave it out.`);
