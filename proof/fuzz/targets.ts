/** Everything that is fuzzed. */
import { argumentsTarget } from './targets/arguments.js';
import { durations } from './targets/durations.js';
import { har } from './targets/har.js';
import { headerFields, hostileOrigins } from './targets/header-fields.js';
import { exportedLines } from './targets/exported-lines.js';
import { keys } from './targets/keys.js';
import { optionsTarget, requestOptions } from './targets/options.js';
import { recordings } from './targets/recordings.js';
import { hostileHeads, records } from './targets/records.js';
import { structuredFields } from './targets/structured-fields.js';
import { urlPatterns } from './targets/url-patterns.js';
import type { FuzzTarget } from './target.js';

export const TARGETS: readonly FuzzTarget[] = [
  records,
  hostileHeads,
  headerFields,
  hostileOrigins,
  structuredFields,
  keys,
  urlPatterns,
  durations,
  optionsTarget,
  requestOptions,
  har,
  recordings,
  exportedLines,
  argumentsTarget,
];
