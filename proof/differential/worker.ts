/** Compares with the copy of axios that it is built with. Argument: the settings as JSON; it sends the result. */
import { compare, type CompareSettings } from './compare.js';

const settings = JSON.parse(process.argv[2] ?? '{}') as CompareSettings;
process.send?.(await compare(settings));
process.disconnect();
