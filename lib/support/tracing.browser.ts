/** Browsers have no tracing channels. */

export const tracingChannel = (_name: string): undefined => undefined;
