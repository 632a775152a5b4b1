/** Every scenario in which another cache for axios is known to fail comes out right here. */
import { THEMES } from '../../rivals/scenarios.js';
import { createOurs } from '../../rivals/subjects/ours.js';

const subject = createOurs();
afterEach(() => subject.close());

describe.each(THEMES)('$title', ({ scenarios }) => {
  test.each(scenarios)('$defect: $name', async ({ see, right }) => {
    expect(await see(subject)).toEqual(right);
  });
});

test('each defect has its scenario', () => {
  const defects = new Set(THEMES.flatMap(({ scenarios }) => scenarios.map(({ defect }) => defect)));
  const numbers = Array.from({ length: 20 }, (_, index) => `${index + 1}`);
  expect([...defects].sort()).toEqual([...numbers, 'sharing', 'no-worse'].sort());
});
