/** Browsers have no streams of Node. */
import type { StreamingBody } from '../../engine/exchange/answer.js';

export const streamingBodyOfNode = (): StreamingBody | undefined => undefined;
