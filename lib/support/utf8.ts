/** UTF-8: the one encoder, and a decoder for each way to read what is not plain UTF-8. */

export const encoder = new TextEncoder();

/** Drops a byte order mark, and reads bytes that are no UTF-8 as U+FFFD. */
export const decoder = new TextDecoder();

/** Keeps a byte order mark, so that what was encoded comes back as it was; reads bytes that are no UTF-8 as U+FFFD. */
export const markKeepingDecoder = new TextDecoder('utf-8', { ignoreBOM: true });
