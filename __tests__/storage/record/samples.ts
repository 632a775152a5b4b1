/** Entries and codecs for the tests of the record. */
import type { StoredEntry } from '../../../lib/api/storage.js';
import type { EntryFields } from '../../../lib/storage/entry-shape.js';
import type { RecordCodec } from '../../../lib/storage/record/codec.js';
import { type RecordOptions, resolveRecordOptions } from '../../../lib/storage/record/options.js';

export const fieldsOf = (changes: Partial<EntryFields> = {}): EntryFields => ({
  key: 'key',
  resource: 'resource',
  variant: '',
  revision: 'revision',
  tags: [],
  createdAtMs: Date.UTC(2024, 0),
  expiresAtMs: Date.UTC(2100, 0),
  purgeAtMs: Infinity,
  head: '{"status":200}',
  ...changes,
});

export const bodyOf = (body: Uint8Array, changes: Partial<EntryFields> = {}): StoredEntry => ({
  ...fieldsOf(changes),
  body,
});

export const codecWith = (options: RecordOptions = {}): RecordCodec => resolveRecordOptions(options, 'AStorage').codec;

export const KEY = 'a key of the tests';
export const OTHER_KEY = 'another key of the tests';

/** A row for each set of layers. */
export const LAYERS: readonly (readonly [name: string, options: RecordOptions])[] = [
  ['no layers', {}],
  ['compression', { compress: { from: 0 } }],
  ['signatures', { signingKeys: [KEY] }],
  ['encryption', { encryptionKeys: [KEY] }],
  ['compression and signatures', { compress: { from: 0 }, signingKeys: [KEY] }],
  ['compression and encryption', { compress: { from: 0 }, encryptionKeys: [KEY] }],
];
