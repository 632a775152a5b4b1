/** Browsers have nothing of Node's. */

export const nodeStream = (): undefined => undefined;

export const nodeCrypto = (): undefined => undefined;

export const nodeZlib = (): undefined => undefined;

export const nodeHttps = (): undefined => undefined;

export const nodeDiagnostics = (): undefined => undefined;

export const nodeAsyncHooks = (): undefined => undefined;

export const writeToStderr = (line: string): void => {
  console.debug(line);
};
