/**
 * This file stands in for certificates.ts in browsers: there the user chooses a certificate in a dialogue, and the
 * browser decides which servers to trust. axios and its options have no part in either.
 */
import type { Partition } from './identified.js';

export const certificatesOf = (): readonly Partition[] | undefined => undefined;

export const trustOf = (): string | undefined => undefined;
export const trustsAnybody = (): boolean => false;
