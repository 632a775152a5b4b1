/** The process of the origin: it says its URL to who has started it, and ends with that. Its argument: the settings. */
import { type LoadOriginSettings, startOrigin } from './origin.js';

process.once('disconnect', () => { process.exit(0); });
const { url } = await startOrigin(JSON.parse(process.argv[2] ?? '') as LoadOriginSettings);
process.send?.(url);
