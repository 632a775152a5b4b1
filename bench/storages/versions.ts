/** Versions of drivers, as this package resolves them. */
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);

export const driverVersion = (name: string): string =>
  (require(`${name}/package.json`) as { readonly version: string }).version;
