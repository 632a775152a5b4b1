/** In browsers, where each byte is downloaded, a message about a wrong name lists the right ones and guesses none. */

export const suggestName = (_name: string, known: readonly string[]): string => ` The options are ${known.join(', ')}.`;

export const meantWord = (_text: string, _words: readonly string[]): string | undefined => undefined;
