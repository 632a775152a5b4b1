// Builds an app for production by one of the bundlers and prints, as JSON, what it has warned of:
// node apps/build.mjs vite|webpack <folder with index.html and main.js>
import { join } from 'node:path';
import { runVite, runWebpack } from './bundlers.mjs';

const [bundler, folder] = process.argv.slice(2);
const builders = {
  vite: () => runVite(folder, { build: { outDir: 'dist' } }),
  webpack: () => runWebpack(folder, { entry: './main.js', output: { path: join(folder, 'dist'), publicPath: '/' } }),
};
const { warnings } = await builders[bundler]();
console.log(JSON.stringify(warnings));
