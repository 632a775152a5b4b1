/** The folder of the repository, so that no test counts the steps up from where it stands. */
import { join } from 'node:path';

export const root = join(__dirname, '..', '..');
