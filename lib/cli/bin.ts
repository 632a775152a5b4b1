/** What `npx axios-client-cache` runs. */
import { main } from './main.js';

/** The build puts the version of the package here. */
declare const VERSION: string;

void main(process.argv.slice(2), VERSION).then((code) => {
  // What is still open, such as a connection that cannot be closed, must not keep the program.
  process.exitCode = code;
  setTimeout(() => process.exit(), 1000).unref();
});
