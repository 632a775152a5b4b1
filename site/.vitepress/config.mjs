// The site is made of docs/ as it stands: nothing is copied, and what README and GitHub link to is what is shown here.
import { defineConfig } from 'vitepress';
import { GROUPS, INDEX } from '../pages.mjs';

/** Pages lie outside of this package, so that they would not find the vue that is installed in it. */
const vueFromHere = {
  name: 'vue-from-here',
  enforce: 'pre',
  resolveId(id, _importer, { ssr }) {
    if (!/^vue(\/server-renderer)?$/.test(id)) return undefined;
    return ssr ? { id, external: true } : this.resolve(id, import.meta.filename, { skipSelf: true });
  },
};

export default defineConfig({
  title: 'axios-client-cache',
  description: 'A persistent HTTP cache for axios',
  srcDir: '../docs',
  outDir: './dist',
  cacheDir: './node_modules/.vitepress',
  base: process.env['DOCS_BASE'] ?? '/',
  rewrites: { [INDEX]: 'index.md' },
  vite: { plugins: [vueFromHere], server: { fs: { allow: ['..'] } } },
  themeConfig: {
    search: { provider: 'local' },
    outline: { level: [2, 3] },
    sidebar: GROUPS.map(({ title, pages }) => ({
      text: title,
      items: pages.map(({ path, title: text }) => ({ text, link: `/${path.replace(/\.md$/, '')}` })),
    })),
  },
});
