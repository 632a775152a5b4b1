/** This file tells answers by which an origin only says that it cannot answer at the moment (RFC 9110 section 15). */

/** A timeout, a request that came too early, and too many requests. */
const OF_THE_MOMENT: ReadonlySet<number> = new Set([408, 425, 429]);

/** True where the status says nothing of the resource, and the next request may well be answered otherwise. */
export const isFailing = (status: number): boolean => status >= 500 || OF_THE_MOMENT.has(status);
