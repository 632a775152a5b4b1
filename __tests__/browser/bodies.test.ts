/** Bodies of requests whose answers are cached: equal ones are one entry, others another, each as the page sends it. */
import { describeChromium } from './support/chromium.js';

/** Each makes two equal bodies of its own, and others that differ in one respect. */
const BODIES: Readonly<Record<string, { equal: () => unknown; others: () => unknown[] }>> = {
  'FormData of texts': {
    equal: () => {
      const form = new FormData();
      form.append('a', '1');
      form.append('a', '2');
      form.append('b', 'Zoë');
      return form;
    },
    others: () => {
      const make = (pairs: [string, string][]): FormData => {
        const form = new FormData();
        for (const [name, value] of pairs) form.append(name, value);
        return form;
      };
      return [
        make([['a', '1'], ['a', '2'], ['b', 'Zoe']]), make([['a', '2'], ['a', '1'], ['b', 'Zoë']]),
        make([['a', '1'], ['b', 'Zoë']]), make([]),
      ];
    },
  },
  'FormData with files': {
    equal: () => {
      const form = new FormData();
      form.append('file', new File(['text'], 'a.txt', { type: 'text/plain', lastModified: 1 }));
      form.append('blob', new Blob([new Uint8Array([0, 128, 255])]));
      return form;
    },
    others: () => {
      const make = (text: string, name: string, type: string, bytes: number[]): FormData => {
        const form = new FormData();
        form.append('file', new File([text], name, { type, lastModified: 1 }));
        form.append('blob', new Blob([new Uint8Array(bytes)]));
        return form;
      };
      return [
        make('texts', 'a.txt', 'text/plain', [0, 128, 255]), make('text', 'b.txt', 'text/plain', [0, 128, 255]),
        make('text', 'a.txt', 'text/html', [0, 128, 255]), make('text', 'a.txt', 'text/plain', [0, 128, 254]),
      ];
    },
  },
  Blob: {
    equal: () => new Blob(['text'], { type: 'text/plain' }),
    others: () => [new Blob(['texts'], { type: 'text/plain' }), new Blob(['text'], { type: 'text/html' })],
  },
  File: {
    equal: () => new File([new Uint8Array([0, 255])], 'a.bin', { type: 'application/octet-stream' }),
    others: () => [new File([new Uint8Array([0, 254])], 'a.bin', { type: 'application/octet-stream' })],
  },
  URLSearchParams: {
    equal: () => new URLSearchParams({ a: '1', b: 'two words' }),
    others: () => [new URLSearchParams({ a: '1', b: 'two+words' }), new URLSearchParams([['a', '1'], ['a', '1']])],
  },
  bytes: {
    equal: () => new Uint8Array([1, 2, 3]),
    others: () => [new Uint8Array([1, 2, 4]), new Uint8Array([1, 2])],
  },
};

describeChromium((chromium) => {
  const rows = ['xhr', 'fetch'].flatMap((adapter) => Object.keys(BODIES).map((what) => ({ adapter, what })));
  test.each(rows)('by $adapter: $what', async ({ adapter, what }) => {
    let count = 0;
    const site = await chromium().site({
      'POST /search': ({ body, headers }) => {
        count += 1;
        return { body: { n: count, bytes: body.byteLength, type: String(headers['content-type']).split(';')[0] } };
      },
    });
    const { run, messages } = await chromium().open(site.page);
    const { equal, others } = BODIES[what] as (typeof BODIES)[string];
    const seen = await run(async ({ axios, setupCache }, { name, codes }) => {
      interface Echo { readonly n: number; readonly bytes: number; readonly type: string }
      const [makeEqual, makeOthers] = codes.map((code) => (0, eval)(`(${code})`) as () => unknown);
      const options = { expireAfter: '1h', allowedMethods: ['GET', 'POST'] } as const;
      const http = setupCache(axios.create({ adapter: name as 'xhr' }), options);
      const post = async (body: unknown): Promise<Echo> => (await http.post<Echo>('/search', body)).data;
      const alone = (await axios.post<Echo>('/search', makeEqual?.(), { adapter: name as 'xhr' })).data;
      const first = await post(makeEqual?.());
      const numbers: number[] = [first.n, (await post(makeEqual?.())).n];
      for (const other of makeOthers?.() as unknown[]) numbers.push((await post(other)).n);
      numbers.push((await post(makeEqual?.())).n);
      return { numbers, sent: [first, alone].map(({ bytes, type }) => [bytes, type]) };
    }, { name: adapter, codes: [String(equal), String(others)] });
    const differing = seen.numbers.slice(2, -1);
    expect(seen.numbers).toEqual([2, 2, ...differing.map((_, at) => 3 + at), 2]);
    expect(differing.length).toBeGreaterThan(0);
    expect(seen.sent[0]).toEqual(seen.sent[1]);
    expect(messages).toEqual([]);
  });
});
