/** Browsers follow redirects without showing them, so none is stored that the cache could follow. */
import type { Follow, Way } from './follow.js';
import type { Located } from '../request/locate.js';
import type { Outcome } from '../../engine/exchange/outcome.js';

export const followBy = (): Follow => () => undefined;

export const handleFollowing = async (first: Located, { handle }: Way): Promise<{ outcome: Outcome; url: string }> => ({
  outcome: await handle(first, 0),
  url: first.target.href,
});
