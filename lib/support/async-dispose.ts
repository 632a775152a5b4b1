/** What `await using` calls at the end of its block. */

declare global {
  // As in the library `esnext.disposable` of TypeScript, which users of this package need not have.
  interface SymbolConstructor {
    readonly asyncDispose: unique symbol;
  }
}

/** The name of that method. Where the platform has no such symbol, nobody calls it. */
export const asyncDispose: typeof Symbol.asyncDispose =
  (Symbol as Partial<SymbolConstructor>).asyncDispose ?? (Symbol() as typeof Symbol.asyncDispose);
