/** What only Node has, asked for at run time: a browser bundle could not resolve an import of it. */

const node = globalThis.process as Partial<NodeJS.Process> | undefined;

/** `node:stream`, `undefined` outside Node. */
export const nodeStream = () => node?.getBuiltinModule?.('node:stream');

/** `node:crypto`, `undefined` outside Node. */
export const nodeCrypto = () => node?.getBuiltinModule?.('node:crypto');

/** One line to the standard error stream; in a browser, to its console. */
export const writeToStderr = (line: string): void => {
  console.error(line);
};
