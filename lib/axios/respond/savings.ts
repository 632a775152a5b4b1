/** This file says what an answer from the cache has saved its caller. */
import type { InternalAxiosRequestConfig } from 'axios';
import { methodOf } from '../native/config.js';
import type { Outcome } from '../../engine/exchange/outcome.js';
import type { Savings } from '../../session/statistics.js';

/** Says so of an outcome whose body cost the origin no answer of its own. */
export function savingsOf(outcome: Outcome, config: InternalAxiosRequestConfig): Savings {
  const { content, status, reason } = outcome;
  if (content.kind === 'gateway-timeout') return { bytes: 0, ms: 0 };
  if (content.kind === 'origin') return { bytes: content.answer.bodyBytes ?? 0, ms: 0 };
  const { entry } = content;
  const isAnswered = status === 'hit' || (status === 'stale' && !WAITED.has(reason));
  const part = content.kind === 'entry' ? content.part : undefined;
  const isBodiless = content.kind === 'not-modified' || methodOf(config) === 'HEAD';
  const bytes = part === undefined ? entry.raw.body.byteLength : part.last - part.first + 1;
  return { bytes: isBodiless ? 0 : bytes, ms: isAnswered ? Math.max(0, entry.responseTime - entry.requestTime) : 0 };
}

/** For these reasons the origin was asked, and waited for, before what is stored was used. */
const WAITED: ReadonlySet<string> = new Set(['stale-if-error', 'soft-timeout']);
