// Resolves the imports of lib/ as the builds for browsers do: to the twin of a file where there is one.
const { existsSync } = require('node:fs');
const { join, resolve } = require('node:path');

const lib = join(__dirname, '..', 'lib');

module.exports = (path, options) => {
  const { basedir, defaultResolver } = options;
  if (!/^\.{1,2}\/.*\.js$/.test(path) || basedir.includes('node_modules')) return defaultResolver(path, options);
  const file = resolve(basedir, path).replace(/\.js$/, '');
  const twin = `${file}.browser.ts`;
  return file.startsWith(lib) && existsSync(twin) ? twin : defaultResolver(file, options);
};
