/** Browsers show no redirect that was followed, so there is no route to keep. */
import { notStored, type Storing } from '../exchange/storing.js';

export const storeRoute = (): Promise<Storing> => Promise.resolve(notStored('redirected'));
