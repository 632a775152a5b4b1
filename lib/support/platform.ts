/** What only Node has. It is looked up at run time, as a bundler for browsers cannot resolve an import of it. */

const node = globalThis.process as Partial<NodeJS.Process> | undefined;

/** Gives `node:stream`, and `undefined` outside Node. */
export const nodeStream = () => node?.getBuiltinModule?.('node:stream');

/** Gives `node:crypto`, and `undefined` outside Node. */
export const nodeCrypto = () => node?.getBuiltinModule?.('node:crypto');

/** Gives `node:zlib`, and `undefined` outside Node. */
export const nodeZlib = () => node?.getBuiltinModule?.('node:zlib');

/** Gives `node:https`, and `undefined` outside Node. */
export const nodeHttps = () => node?.getBuiltinModule?.('node:https');

/** Gives `node:diagnostics_channel`, and `undefined` outside Node. */
export const nodeDiagnostics = () => node?.getBuiltinModule?.('node:diagnostics_channel');

/** Gives `node:async_hooks`, and `undefined` outside Node. */
export const nodeAsyncHooks = () => node?.getBuiltinModule?.('node:async_hooks');

/** Writes one line to the standard error stream, or to the console of a browser. */
export const writeToStderr = (line: string): void => {
  console.error(line);
};
