/** All scenarios: things that a cache for axios is known to have got wrong, and what is right. */
import type { Scenario } from './scenario.js';
import { NEVER_WORSE } from './scenarios/never-worse.js';
import { SHARING } from './scenarios/sharing.js';
import { STANDARDS } from './scenarios/standards.js';
import { STORING } from './scenarios/storing.js';
import { WAITING } from './scenarios/waiting.js';
import { WRONG_DATA } from './scenarios/wrong-data.js';

export interface Theme {
  readonly title: string;
  readonly scenarios: readonly Scenario[];
}

export const THEMES: readonly Theme[] = [
  { title: 'Wrong data', scenarios: WRONG_DATA },
  { title: 'Waiting for ever', scenarios: WAITING },
  { title: 'Sharing a request', scenarios: SHARING },
  { title: 'The standards', scenarios: STANDARDS },
  { title: 'What is stored', scenarios: STORING },
  { title: 'Never worse than no cache', scenarios: NEVER_WORSE },
];
