/** How long a large answer keeps the main thread of a page busy at a stretch, beside plain axios, with its figures. */
import { describeChromium } from './support/chromium.js';
import { longestTasks } from './support/long-tasks.js';

const ROUNDS = 7;
/** Far from what is seen, which is about 1, and from what a plan of how to copy rows that differ would cost, 4. */
const MOST = 2;

/** Lists of about 5 MB, of which one row is like this. */
const SHAPES: Readonly<Record<string, readonly [rows: number, row: (id: number) => object]>> = {
  'flat rows': [48_000, (id) => ({ id, name: `name of ${id}`, text: 'x'.repeat(60) })],
  'rows that differ': [
    50_000,
    (id) => ({
      id,
      name: `name of ${id}`,
      parent: id % 2 === 0 ? null : { id: id - 1, tags: ['a', `b ${id}`] },
      more: id % 3 === 0 ? null : { a: [1, { b: id }] },
    }),
  ],
};

const median = (numbers: readonly number[] = []): number =>
  [...numbers].sort((one, other) => one - other)[numbers.length >> 1] ?? NaN;

describeChromium((chromium) => {
  test.each(Object.entries(SHAPES))('%s: no hit has a much longer task than plain axios', async (what, shape) => {
    const [count, row] = shape;
    const text = JSON.stringify(Array.from({ length: count }, (_, id) => row(id)));
    const json = { headers: { 'content-type': 'application/json' }, body: text };
    const { page, run } = await chromium().open((await chromium().site({ '/large': json })).page);
    let seen: unknown[] = [];
    const tasks = await longestTasks(chromium().browser, page, async () => {
      seen = await run(async ({ axios, setupCache }, rounds) => {
        const answers: unknown[] = [];
        for (let round = 0; round < rounds; round += 1) {
          const http = setupCache(axios.create(), { expireAfter: '1h' });
          for (const step of ['plain axios', 'miss', 'first hit', 'second hit', 'third hit']) {
            performance.mark(`step ${step}`);
            const client = step === 'plain axios' ? axios : http;
            const { data, cached } = await client.get<unknown[]>('/large');
            answers.push([step, data.length, cached]);
            // What is left to do is a task of this step still.
            await new Promise((resolve) => { setTimeout(resolve, 20); });
          }
        }
        performance.mark('step end');
        return answers;
      }, ROUNDS);
    });
    // A body that is a little too large is not stored: then there is no hit that could be too long.
    const round = [
      ['plain axios', count, undefined], ['miss', count, false],
      ...['first hit', 'second hit', 'third hit'].map((step) => [step, count, true]),
    ];
    expect(seen).toEqual(Array(ROUNDS).fill(round).flat());
    const medians = new Map([...tasks].map(([step, each]) => [step, median(each)]));
    const told = [...medians].map(([step, ms]) => `${step} ${ms.toFixed(1)}`).join(', ');
    process.stdout.write(`${(text.length / 1e6).toFixed(1)} MB, ${what}, longest task in ms of processor time: ${told}\n`);
    const plain = medians.get('plain axios') ?? NaN;
    const tooLong = [...medians].filter(([step, ms]) => step.endsWith('hit') && !(ms / plain <= MOST));
    expect(tooLong).toEqual([]);
  });
});
