/** Where Node's own modules are not, as in a browser, records are as they are by default, and options say so. */
import type * as Options from '../../../lib/storage/record/options.js';
import type * as Platform from '../../../lib/support/platform.js';
import { bodyOf, codecWith, fieldsOf, KEY } from './samples.js';

const BODY = new TextEncoder().encode('{"id":1,"name":"Ann"},'.repeat(1000));
let elsewhere: typeof Options;

beforeAll(async () => {
  jest.resetModules();
  jest.doMock<typeof Platform>('../../../lib/support/platform.js', () => ({
    ...jest.requireActual<typeof Platform>('../../../lib/support/platform.js'),
    nodeCrypto: () => undefined,
    nodeZlib: () => undefined,
  }));
  elsewhere = await import('../../../lib/storage/record/options.js');
});

test.each([
  ['compress', { compress: true }],
  ['compress', { compress: { from: 1 } }],
  ['signingKeys', { signingKeys: [KEY] }],
  ['encryptionKeys', { encryptionKeys: [KEY] }],
])('%s is an error that says why: %j', (option, options) => {
  const message = `AStorage: ${option} needs Node's own modules, which are not here. Leave it out.`;
  expect(() => elsewhere.resolveRecordOptions(options, 'AStorage')).toThrow(
    expect.objectContaining({ code: 'ERR_CACHE_OPTION', option, message: expect.stringContaining(message) as string }),
  );
});

test('without these options records are written and read, and are those of Node', async () => {
  const { codec } = elsewhere.resolveRecordOptions({ compress: false }, 'AStorage');
  const part = await codec.encodeBody(bodyOf(BODY));
  expect(part).toEqual(await codecWith().encodeBody(bodyOf(BODY)));
  expect(await codec.readBody(part, fieldsOf())).toEqual({ kind: 'read', value: BODY });
});

test('what was compressed in Node is left to Node, and is no damage', async () => {
  const { codec } = elsewhere.resolveRecordOptions({}, 'AStorage');
  const part = await codecWith({ compress: true }).encodeBody(bodyOf(BODY));
  expect(await codec.readBody(part, fieldsOf())).toEqual({ kind: 'other-format', format: '2.1' });
});
