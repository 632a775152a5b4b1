/** The program of a page as one script, with everything in it, from source. `options` are esbuild's. */
export declare function bundleForPage(entryPoint: string, options?: object): Promise<string>;

/** `options` are esbuild's: at least `entryPoints` and a place for the output. */
export declare function bundle(options: import('esbuild').BuildOptions): Promise<void>;
