/** Browsers show no redirect that was followed, so there is no chain to keep. */
import { notStored, type Storing } from '../exchange/storing.js';

export const storeChain = (): Promise<Storing> => Promise.resolve(notStored('redirected'));
