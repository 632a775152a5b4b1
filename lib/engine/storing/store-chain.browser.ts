/**
 * This file stands in for `store-chain.ts` in browsers: these show no redirect that was followed, so there is nothing
 * to store.
 */
import { notStored, type Storing } from '../exchange/storing.js';

export const storeChain = (): Promise<Storing> => Promise.resolve(notStored('redirected'));
