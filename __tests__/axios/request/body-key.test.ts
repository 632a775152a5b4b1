/** Request bodies as part of a key: equal content equal text, different content different text. */
import { Readable } from 'node:stream';
import fc from 'fast-check';
import { type BodyDescription, describeBody } from '../../../lib/axios/request/body-key.js';
import { digest } from '../../support/describe-request.js';

const JSON_TYPE = 'application/json';
const FORM_TYPE = 'application/x-www-form-urlencoded';

const describe_ = async (data: unknown, type?: string, ignored: readonly string[] = []): Promise<BodyDescription> =>
  describeBody(data, type, { ignoredParams: new Set(ignored), digest });

async function textOf(data: unknown, type?: string, ignored?: readonly string[]): Promise<string> {
  const body = await describe_(data, type, ignored);
  if (body.kind !== 'text') throw new TypeError(`The body is ${body.kind}`);
  return body.text;
}

const form = (...entries: readonly (readonly [string, string | Blob, string?])[]): FormData => {
  const data = new FormData();
  for (const [name, value, fileName] of entries) {
    if (typeof value === 'string') data.append(name, value);
    else data.append(name, value, fileName);
  }
  return data;
};

type Row = readonly [name: string, one: readonly [unknown, string?], other: readonly [unknown, string?]];

test.each<Row>([
  ['the order of JSON members', ['{"a":1,"b":2}', JSON_TYPE], ['{"b":2,"a":1}', JSON_TYPE]],
  ['the order of nested members', ['[{"a":{"c":1,"d":2}}]', JSON_TYPE], ['[{"a":{"d":2,"c":1}}]', JSON_TYPE]],
  [
    'members in problem+json',
    ['{"a":1,"b":2}', 'application/problem+json'],
    ['{"b":2,"a":1}', 'application/problem+json'],
  ],
  [
    'the spelling of the content type',
    ['{}', 'application/json; charset=UTF-8'],
    ['{}', 'Application/JSON;Charset=utf-8'],
  ],
  ['the order of form fields', ['b=2&a=1', FORM_TYPE], ['a=1&b=2', FORM_TYPE]],
  ['the case of escapes in forms', ['a=%c3%bc', FORM_TYPE], ['a=%C3%BC', FORM_TYPE]],
  ['URLSearchParams or its text', [new URLSearchParams('b=2&a=1'), FORM_TYPE], ['a=1&b=2', FORM_TYPE]],
  ['the type of a view', [Buffer.from('abc')], [Uint8Array.from([97, 98, 99])]],
  ['a buffer or a view of it', [Uint8Array.from([1, 2, 3]).buffer], [Uint8Array.from([1, 2, 3])]],
  ['what surrounds a view', [Uint8Array.from([9, 1, 2, 9]).subarray(1, 3)], [Uint8Array.from([1, 2])]],
  ['a DataView', [new DataView(Uint8Array.from([9, 1, 2, 9]).buffer, 1, 2)], [Uint8Array.from([1, 2])]],
  [
    'multipart boundaries',
    [form(['a', '1']), 'multipart/form-data; boundary=x'],
    [form(['a', '1']), 'multipart/form-data; boundary=y'],
  ],
  ['two Blobs of one content', [new Blob(['a', 'b'])], [new Blob(['ab'])]],
])('%s: one text', async (_name, one, other) => {
  expect(await textOf(...one)).toBe(await textOf(...other));
});

test.each<Row>([
  ['the type of the content', ['{"a":1}', JSON_TYPE], ['{"a":1}', 'text/plain']],
  ['JSON and form', ['a=1', JSON_TYPE], ['a=1', FORM_TYPE]],
  ['parameters of the content type', ['{}', 'application/json;profile="A"'], ['{}', 'application/json;profile="a"']],
  ['large numbers', ['{"id":9007199254740993}', JSON_TYPE], ['{"id":9007199254740992}', JSON_TYPE]],
  ['duplicate names', ['{"a":1,"a":2}', JSON_TYPE], ['{"a":2}', JSON_TYPE]],
  ['minus zero', ['[-0]', JSON_TYPE], ['[0]', JSON_TYPE]],
  ['number spelling', ['[1.0]', JSON_TYPE], ['[1]', JSON_TYPE]],
  ['white space in JSON', ['{"a": 1}', JSON_TYPE], ['{"a":1}', JSON_TYPE]],
  ['the order of list items', ['[1,2]', JSON_TYPE], ['[2,1]', JSON_TYPE]],
  ['a number and its text', ['{"a":1}', JSON_TYPE], ['{"a":"1"}', JSON_TYPE]],
  ['null and absent', ['{"a":null}', JSON_TYPE], ['{}', JSON_TYPE]],
  ['__proto__ members', ['{"__proto__":1}', JSON_TYPE], ['{}', JSON_TYPE]],
  ['member names with delimiters', ['{"a":1,"b":2}', JSON_TYPE], ['{"a\\":1,\\"b":2}', JSON_TYPE]],
  ['broken JSON', ['{"a":1', JSON_TYPE], ['{"a":2', JSON_TYPE]],
  ['the order of members in text', ['{"a":1,"b":2}', 'text/plain'], ['{"b":2,"a":1}', 'text/plain']],
  ['escaped delimiters in forms', ['a=1&b=2', FORM_TYPE], ['a=1%26b=2', FORM_TYPE]],
  ['plus and escaped space in forms', ['a=+', FORM_TYPE], ['a=%20', FORM_TYPE]],
  ['equal fields in another order', ['a=1&a=2', FORM_TYPE], ['a=2&a=1', FORM_TYPE]],
  ['bytes that are no UTF-8', [Buffer.from('ff01', 'hex')], [Buffer.from('fe01', 'hex')]],
  ['ArrayBuffers', [Uint8Array.from([1, 2, 3]).buffer], [Uint8Array.from([9, 9, 9]).buffer]],
  ['Blobs by content', [new Blob(['one'])], [new Blob(['two'])]],
  ['Blobs by type', [new Blob(['a'], { type: 'text/plain' })], [new Blob(['a'], { type: 'text/html' })]],
  ['form entries by value', [form(['a', '1'])], [form(['a', '2'])]],
  ['form entries by order', [form(['a', '1'], ['b', '2'])], [form(['b', '2'], ['a', '1'])]],
  ['form entries with delimiters', [form(['a', '1","b'])], [form(['a', '1'], ['b', ''])]],
  ['files by content', [form(['a', new Blob(['1'])])], [form(['a', new Blob(['2'])])]],
  ['files by name', [form(['a', new Blob(['1']), 'x'])], [form(['a', new Blob(['1']), 'y'])]],
  ['a file and its text', [form(['a', new Blob(['1'])])], [form(['a', '1'])]],
  ['a Blob and a form with it', [new Blob(['1'])], [form(['', new Blob(['1']), ''])]],
  ['an empty body and a blank', ['', 'text/plain'], [' ', 'text/plain']],
])('%s: two texts', async (_name, one, other) => {
  expect(await textOf(...one)).not.toBe(await textOf(...other));
});

test.each([
  ['nothing', undefined],
  ['null', null],
])('%s is no body', async (_name, data) => {
  expect(await describe_(data, JSON_TYPE)).toEqual({ kind: 'none' });
});

test('an empty string is a body', async () => {
  expect(await describe_('')).toMatchObject({ kind: 'text' });
});

class FormDataPackage {
  readonly [Symbol.toStringTag] = 'FormData';
  getHeaders(): object {
    return {};
  }
  entries(): never {
    throw new Error('read');
  }
  append(): void {
    /* nothing */
  }
}

test.each<[string, unknown]>([
  ['a Node stream', Readable.from(['a'])],
  ['a web stream', new ReadableStream()],
  ['the package form-data', new FormDataPackage()],
  ['a FormData that cannot list its entries', { [Symbol.toStringTag]: 'FormData', append: () => undefined }],
  ['an object', { a: 1 }],
  ['a number', 1],
  ['a function', () => undefined],
  [
    'a Blob whose content is gone',
    Object.assign(new Blob(['a']), { arrayBuffer: () => Promise.reject(new Error('gone')) }),
  ],
])('%s is not to be cached', async (_name, data) => {
  expect(await describe_(data)).toEqual({ kind: 'opaque' });
});

test('only Blobs have to be waited for', () => {
  const rules = { ignoredParams: new Set<string>(), digest };
  for (const data of ['a', Buffer.from('a'), new URLSearchParams('a=1'), undefined, Readable.from([])]) {
    expect(describeBody(data, undefined, rules)).not.toBeInstanceOf(Promise);
  }
  expect(describeBody(new Blob(['a']), undefined, rules)).toBeInstanceOf(Promise);
});

describe('ignored parameters', () => {
  const same = async (one: string, other: string, type: string): Promise<boolean> =>
    (await textOf(one, type, ['nonce'])) === (await textOf(other, type, ['nonce']));

  test.each([
    ['form fields', 'a=1&nonce=2', 'nonce=3&a=1', FORM_TYPE, true],
    ['the presence of a form field', 'a=1&nonce=2', 'a=1', FORM_TYPE, false],
    ['top-level JSON members', '{"a":1,"nonce":2}', '{"nonce":{"b":3},"a":1}', JSON_TYPE, true],
    ['the presence of a JSON member', '{"a":1,"nonce":2}', '{"a":1}', JSON_TYPE, false],
    ['nested JSON members', '{"a":{"nonce":2}}', '{"a":{"nonce":3}}', JSON_TYPE, false],
    ['members of list items', '[{"nonce":2}]', '[{"nonce":3}]', JSON_TYPE, false],
    ['a marker as a JSON value', '{"nonce":1,"a":"*"}', '{"nonce":1,"a":1}', JSON_TYPE, false],
    ['text', 'nonce=1', 'nonce=2', 'text/plain', false],
  ])('%s', async (_name, one, other, type, equal) => {
    expect(await same(one, other, type)).toBe(equal);
  });

  test('a form field cannot pass for an ignored one', async () => {
    const [ignored, typed] = await Promise.all([textOf('a=1', FORM_TYPE, ['a']), textOf('a=<>', FORM_TYPE)]);
    expect(ignored).not.toBe(typed);
  });
});

test('JSON: equal texts exactly where the values are equal, whatever the order of members', async () => {
  const reversed = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(reversed);
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(
      Object.entries(value)
        .reverse()
        .map(([name, member]) => [name, reversed(member)]),
    );
  };
  const leaf = fc.oneof(fc.constantFrom(0, 1, '1', '', 'a":1,"b', true, null, 1.5), fc.jsonValue({ maxDepth: 1 }));
  const record = fc.dictionary(fc.constantFrom('a', 'b', 'a"', '1'), fc.oneof(leaf, fc.array(leaf, { maxLength: 2 })), {
    maxKeys: 3,
  });
  const json = (value: unknown): string => JSON.stringify(value);
  await fc.assert(
    fc.asyncProperty(record, record, async (one, other) => {
      expect(await textOf(json(reversed(one)), JSON_TYPE)).toBe(await textOf(json(one), JSON_TYPE));
      const equal = json(sorted(one)) === json(sorted(other));
      expect((await textOf(json(one), JSON_TYPE)) === (await textOf(json(other), JSON_TYPE))).toBe(equal);
    }),
    { numRuns: 500 },
  );
});

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const members = Object.entries(value).map(([name, member]) => [name, sorted(member)] as const);
  return { members: members.sort(([one], [other]) => (one < other ? -1 : 1)) };
}

test('no text shows the content', async () => {
  for (const data of [
    '{"password":"SECRET"}',
    'password=SECRET',
    Buffer.from('SECRET'),
    new Blob(['SECRET']),
    form(['SECRET', 'SECRET']),
  ]) {
    expect(await textOf(data, JSON_TYPE)).not.toContain('SECRET');
  }
});

test('JSON nested too deep to be sorted is taken as it is', async () => {
  const deep = (inner: string): string => `${'['.repeat(6000)}${inner}${']'.repeat(6000)}`;
  expect(await textOf(deep('1'), JSON_TYPE)).not.toBe(await textOf(deep('2'), JSON_TYPE));
});
