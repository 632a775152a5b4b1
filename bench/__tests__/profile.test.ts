/** How a profile is summed up. */
import { folderOf, profiled, sourcesIn } from '../profile.js';
import { profileText } from '../report/text.js';
import { groupsOf } from '../scenarios/scenarios.js';

test('a line of a bundle is of the source that was named last before it', () => {
  const bundle = ['import x', '// ../../lib/engine/flights/lease.ts', 'var a', '// just a comment', 'var b', '// lib/events.ts', ''];
  const lease = 'lib/engine/flights/lease';
  expect(sourcesIn(bundle.join('\n'))).toEqual(['', lease, lease, lease, lease, 'lib/events', 'lib/events']);
});

test('sources are summed up by their folders', () => {
  expect(folderOf('lib/engine/flights/lease')).toBe('lib/engine/flights/');
  expect(folderOf('lib/events')).toBe('lib/');
  expect(folderOf('')).toBe('the benchmark');
});

test('what works takes time somewhere, and what waits takes none', async () => {
  const sum = (places: Readonly<Record<string, number>>): number =>
    Object.values(places).reduce((total, each) => total + each, 0);
  let made = 0;
  const busy = await profiled(async () => {
    const since = performance.now();
    while (performance.now() - since < 100) made += JSON.stringify(process.versions).length;
    await Promise.resolve();
  });
  expect(made).toBeGreaterThan(0);
  expect(sum(busy)).toBeGreaterThan(50_000);
  const idle = await profiled(() => new Promise((resolve) => setTimeout(resolve, 100)));
  expect(sum(idle)).toBeLessThan(sum(busy));
});

test('places stand in the order of what the last contestant spends', () => {
  const [scenario] = groupsOf('quick').flatMap(({ scenarios }) => scenarios);
  if (scenario === undefined) throw new Error('no scenario');
  const found = new Map([['axios', { axios: 5, Node: 2 }], ['ours', { axios: 1, 'lib/engine/': 3 }]]);
  const lines = profileText(scenario, found).split('\n').slice(2);
  expect(lines.map((line) => line.trim().split(/ {2,}/))).toEqual([
    ['microseconds a request', 'axios', 'ours'],
    [expect.stringMatching(/^-+$/), expect.anything(), expect.anything()],
    ['lib/engine/', '0.0', '3.0'],
    ['axios', '5.0', '1.0'],
    ['Node', '2.0', '0.0'],
    ['all', '7.0', '4.0'],
  ]);
});
