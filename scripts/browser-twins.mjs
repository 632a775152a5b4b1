// Which file of lib/ stands for another one in the builds for browsers: `x.browser.ts`, where there is one, for `x.ts`.
import { existsSync } from 'node:fs';
import { dirname, resolve } from 'node:path';

/** `undefined`: what is imported has no twin. */
function twinOf(source, importer) {
  if (importer === undefined || !/^\.{1,2}\/.*\.js$/.test(source)) return undefined;
  const twin = resolve(dirname(importer), source.replace(/\.js$/, '.browser.ts'));
  return existsSync(twin) ? twin : undefined;
}

/** For rollup; before all plug-ins that resolve imports. */
export const rollupTwins = () => ({
  name: 'browser-twins',
  resolveId: (source, importer) => twinOf(source, importer) ?? null,
});

/** For esbuild. */
export const esbuildTwins = {
  name: 'browser-twins',
  setup({ onResolve }) {
    onResolve({ filter: /^\.{1,2}\// }, ({ path, importer }) => {
      const twin = twinOf(path, importer);
      return twin === undefined ? undefined : { path: twin, sideEffects: false };
    });
  },
};
