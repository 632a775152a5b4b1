/** Browsers have no streams of Node. */
import type { Passing } from '../../engine/exchange/answer.js';

export const passingOfNode = (): Passing | undefined => undefined;
