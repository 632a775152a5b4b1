/** Revisions: no two are equal, in one process or in many. */
const load = async (): Promise<() => string> => {
  jest.resetModules();
  return (await import('../../lib/entries/revision.js')).newRevision;
};

test('what one process has drawn by lot, and a number', async () => {
  const newRevision = await load();
  const revisions = Array.from({ length: 37 }, newRevision);
  const drawn = revisions[0]?.split('.')[0] ?? '';
  // Draws that end in zeros are shorter.
  expect(drawn).toMatch(/^[0-9a-z]{10,16}$/);
  expect([revisions[0], revisions[1], revisions[36]]).toEqual([`${drawn}.1`, `${drawn}.2`, `${drawn}.11`]);
});

test('another process draws another lot', async () => {
  const [one, other] = [(await load())(), (await load())()];
  expect(one.split('.')[0]).not.toBe(other.split('.')[0]);
});
