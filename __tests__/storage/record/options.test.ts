/** The options that storages share: what is wrong is said at once, and never shows a key. */
import { codecWith, fieldsOf, KEY } from './samples.js';
import { checkOptionNames, resolveRecordOptions } from '../../../lib/storage/record/options.js';

const resolveAny = (options: object) => resolveRecordOptions(options, 'AStorage');

const optionError = (option: string, message: string): Error =>
  expect.objectContaining({
    code: 'ERR_CACHE_OPTION',
    option,
    message: expect.stringContaining(message) as string,
  }) as Error;

test('without options the namespace is axios-cache', () => {
  expect(resolveAny({}).namespace).toBe('axios-cache');
  expect(resolveAny({ namespace: 'a{*}', another: 'option of the storage' }).namespace).toBe('a{*}');
});

test.each([
  ['an empty namespace', { namespace: '' }, 'namespace', 'AStorage: namespace must be text that is not empty'],
  ['a namespace that is no text', { namespace: 5 }, 'namespace', 'got 5'],
  ['compression by another name', { compress: 'gzip' }, 'compress', 'true, false, or an object such as'],
  ['compression with another option', { compress: { level: 9 } }, 'compress', 'true, false, or an object such as'],
  ['compression without a limit', { compress: {} }, 'compress.from', '0 or more; got undefined'],
  ['compression from a negative limit', { compress: { from: -1 } }, 'compress.from', 'got -1'],
  ['compression from a part of a byte', { compress: { from: 1.5 } }, 'compress.from', 'got 1.5'],
  ['keys that are no list', { signingKeys: KEY }, 'signingKeys', 'a list of texts, even for a single one; got string'],
  ['no keys', { signingKeys: [] }, 'signingKeys', 'got an empty list'],
  ['a key that is not there', { signingKeys: [undefined] }, 'signingKeys[0]', 'got undefined'],
  ['a key that is too short', { encryptionKeys: [KEY, 'too short'] }, 'encryptionKeys[1]', '16 characters or more'],
  ['a key of 9 characters', { signingKeys: ['too short'] }, 'signingKeys[0]', 'got one of 9'],
  ['both kinds of keys', { signingKeys: [KEY], encryptionKeys: [KEY] }, 'signingKeys', 'not both'],
  ['the one that is too much', { signingKeys: [KEY], encryptionKeys: [KEY] }, 'signingKeys', 'leave signingKeys out'],
])('%s is an error', (_what, options, option, message) => {
  expect(() => resolveAny(options)).toThrow(optionError(option, message));
});

test('a key of 16 characters will do', () => {
  expect(() => resolveAny({ signingKeys: ['0123456789abcdef'] })).not.toThrow();
});

test('no message shows a key', () => {
  for (const options of [{ signingKeys: 'secret' }, { signingKeys: ['secret'] }, { encryptionKeys: [KEY, 'secret'] }]) {
    expect(() => resolveAny(options)).toThrow(optionError(expect.any(String) as string, 'must be'));
    expect(() => resolveAny(options)).not.toThrow('secret');
  }
});

test('a key for signing is no key for encryption, and none for another namespace', async () => {
  const part = await codecWith({ signingKeys: [KEY] }).encodeFields(fieldsOf());
  const elsewhere = codecWith({ signingKeys: [KEY], namespace: 'other' });
  expect(await elsewhere.readFields(part)).toMatchObject({ kind: 'malformed' });
  expect(await codecWith({ encryptionKeys: [KEY] }).readFields(part)).toMatchObject({ kind: 'other-format' });
});

describe('the names of options', () => {
  test.each([
    ['an option that nobody knows', { compres: true }, 'compres', 'unknown option "compres": AStorage takes an object'],
    ['one of another storage', { maxBytes: 1 }, 'maxBytes', 'with path, namespace, compress'],
    ['no object', 5, 'options', 'Got 5'],
    ['an object of a class', new Map(), 'options', 'Got an object of class Map'],
  ])('%s is an error', (_what, given, option, message) => {
    expect(() => { checkOptionNames(given, ['path'], 'AStorage'); }).toThrow(optionError(option, message));
  });

  test('those of the storage and those of all storages are known', () => {
    const given = { path: '', namespace: '', compress: true, signingKeys: [], encryptionKeys: [] };
    expect(() => { checkOptionNames(given, ['path'], 'AStorage'); }).not.toThrow();
  });
});
