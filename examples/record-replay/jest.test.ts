import { setupCache } from 'axios-client-cache';
import { HarStorage, recordReplay } from 'axios-client-cache/testing';
import { http, userNames } from './users.js';

const storage = new HarStorage(process.env['RECORDING'] ?? './users.har');
setupCache(http, recordReplay(storage));
afterAll(() => storage.finish());

test('the names of the users', async () => {
  expect(await userNames()).toBe('Ada and Alan');
});
