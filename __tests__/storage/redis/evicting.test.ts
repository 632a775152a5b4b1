/** Redis with so little room that it drops entries and tokens all the time: what is deleted stays deleted. */
import { sample } from '../../../lib/storage/contract/rule.js';
import { describeOwnService } from '../../support/services.js';
import { newNamespace, openStorage } from './support.js';

const ROUNDS = 3000;
const RESOURCES = 6;
const BODY_BYTES = 100_000;

describeOwnService('redisEvicting', (engine) => {
  test('of 3000 rounds by two instances none brings back what was deleted before', async () => {
    const options = { url: engine().url, namespace: newNamespace() };
    const storages = [openStorage(options), openStorage(options)];
    let moment = 0;
    /** When what concerns each resource, tags included, was deleted last. */
    const deletedAt = new Map<string, number>();
    const counts = { hits: 0, stored: 0, refused: 0, wrong: 0 };
    const pick = (): number => Math.floor(Math.random() * RESOURCES);

    const request = async (number: number): Promise<void> => {
      const storage = storages[number % 2]!;
      const resource = `r${pick()}`;
      const floor = deletedAt.get(resource) ?? 0;
      const { entries, fence } = await storage.get('key', { resource, tags: [] });
      const asked = (moment += 1);
      for (const { head } of entries) {
        counts.hits += 1;
        if (Number(head) < floor) counts.wrong += 1;
      }
      if (entries.length > 0 && Math.random() < 0.5) return;
      await new Promise((resolve) => { setTimeout(resolve, Math.random() * 5); });
      const body = new Uint8Array(BODY_BYTES);
      const answer = sample({ resource, tags: [`tag of ${resource}`], head: `${asked}`, body, revision: `${asked}` });
      counts[(await storage.set(answer, fence)) ? 'stored' : 'refused'] += 1;
    };
    const invalidate = async (number: number): Promise<void> => {
      const resource = `r${pick()}`;
      const begun = (moment += 1);
      const selectors = [{ resource }, { key: 'key', resource }, { tag: `tag of ${resource}` }];
      await storages[number % 2]!.delete(selectors[number % 3]!);
      deletedAt.set(resource, Math.max(begun, deletedAt.get(resource) ?? 0));
    };

    let round = 0;
    await Promise.all(Array.from({ length: 8 }, async () => {
      while (round < ROUNDS) {
        round += 1;
        await (Math.random() < 0.1 ? invalidate(round) : request(round));
      }
    }));
    expect(counts.wrong).toBe(0);
    // It has really worked.
    for (const count of ['hits', 'stored', 'refused'] as const) expect(counts[count]).toBeGreaterThan(20);
  }, 60_000);
});
