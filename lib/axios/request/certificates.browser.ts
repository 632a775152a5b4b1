/**
 * This file stands in for certificates.ts in browsers: there the user chooses a certificate in a dialogue, in which
 * axios and its options have no part.
 */
import type { Partition } from './identified.js';

export const certificatesOf = (): readonly Partition[] | undefined => undefined;
