/** The values of `meta` as texts: sealed where keys are set, and otherwise as they are. */
import { codecWith, KEY, OTHER_KEY } from './samples.js';
import { openValue, sealValue } from '../../../lib/storage/record/values.js';

const VALUE = 'a secret, “quoted”';
const KEYED = [
  ['a signature', { signingKeys: [KEY] }, { signingKeys: [OTHER_KEY] }],
  ['encryption', { encryptionKeys: [KEY] }, { encryptionKeys: [OTHER_KEY] }],
] as const;

test.each([{}, { compress: { from: 0 } }])('without keys (%j) a value is what it is', async (options) => {
  const codec = codecWith(options);
  expect(await sealValue(codec, 'name', VALUE)).toBe(VALUE);
  expect(await openValue(codec, 'name', VALUE)).toBe(VALUE);
});

describe.each(KEYED)('with %s', (_name, ours, theirs) => {
  const codec = codecWith(ours);

  test('a value is read by the same keys, and under the same name', async () => {
    const sealed = await sealValue(codec, 'name', VALUE);
    expect(sealed).toMatch(/^[A-Za-z0-9+/]+=*$/);
    expect(await openValue(codec, 'name', sealed)).toBe(VALUE);
    expect(await openValue(codec, 'other name', sealed)).toBeUndefined();
    expect(await openValue(codecWith(theirs), 'name', sealed)).toBeUndefined();
  });

  test('it is no body of an entry', async () => {
    const sealed = Buffer.from(await sealValue(codec, 'name', VALUE), 'base64');
    const owner = { key: '', variant: 'name', revision: '' };
    expect(await codec.readBody(sealed, owner)).toMatchObject({ kind: 'read' });
    for (const change of [{ key: 'key' }, { revision: 'revision' }]) {
      expect(await codec.readBody(sealed, { ...owner, ...change })).toMatchObject({ kind: 'malformed' });
    }
  });

  test('what was written without keys, or is no value, is none', async () => {
    for (const written of [VALUE, '', 'AAAA']) expect(await openValue(codec, 'name', written)).toBeUndefined();
  });
});

test('what is not there is not there', async () => {
  for (const options of [{}, { signingKeys: [KEY] }]) {
    expect(await openValue(codecWith(options), 'name', undefined)).toBeUndefined();
  }
});
