/** This file stands in for node-streams.ts in browsers, which have no streams of Node. */
import type { StreamingBody } from '../../engine/exchange/answer.js';

export const streamingBodyOfNode = (): StreamingBody | undefined => undefined;
