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

/** Three rungs. Without an icon browsers ask for one that is not there. */
const ICON =
  'data:image/svg+xml,' +
  encodeURIComponent(
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16" stroke="#3451b2" stroke-width="2">' +
      '<path d="M4 1v14M12 1v14M4 4h8M4 8h8M4 12h8"/></svg>',
  );

export default defineConfig({
  title: 'axios-client-cache',
  description: 'A persistent HTTP cache for axios',
  head: [['link', { rel: 'icon', href: ICON }]],
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
