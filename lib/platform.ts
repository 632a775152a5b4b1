/** What only Node has, asked for at run time: a browser bundle could not resolve an import of it. */

/** `node:stream`, `undefined` outside Node. */
export const nodeStream = () =>
  (globalThis.process as Partial<NodeJS.Process> | undefined)?.getBuiltinModule?.('node:stream');

/** One line to the standard error stream; in a browser, to its console. */
export const writeToStderr = (line: string): void => {
  console.error(line);
};
