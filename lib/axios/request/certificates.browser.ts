/** In a browser a certificate is the user's choice in a dialogue, which axios and its options have no part in. */
import type { Partition } from './identified.js';

export const certificatesOf = (): readonly Partition[] | undefined => undefined;
