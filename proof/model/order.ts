/** The model's promise of order: what a caller was given is not followed by something older. */
import { AxiosError } from 'axios';
import { type Confirmation, GONE } from '../world/origin.js';
import { rulesOf } from '../world/resources.js';
import type { Asked, Played } from './played.js';
import { isReadOnly } from './settings.js';
import { isUndisturbed } from './steps.js';

export const resourceOf = (is: string): number => Number(is.split('.')[0]);

export const versionOf = (is: string): number => Number(is.split('.')[3]);

/** Which version a request was given, or that the resource was gone by then. */
function isGiven({ given }: Asked): string | undefined {
  if (given?.kind === 'answer') return given.is;
  if (given?.kind !== 'error' || !(given.error instanceof AxiosError)) return undefined;
  const { status, headers } = given.error.response ?? {};
  return status === GONE ? String(headers?.['x-is']) : undefined;
}

export const isNewer = (asked: Asked, version: number): boolean => versionOf(isGiven(asked) ?? '') > version;

/**
 * What a request was given is stored where it may be, and ends what is older: that does not come back later. Where
 * answers are made when they are released, the one to an earlier request may be newer, which nobody could tell.
 */
export function isSameAgain(former: Asked, asked: Asked, older: readonly Confirmation[], played: Played): boolean {
  const { schedule } = played;
  const [one, other] = [former.step, asked.step];
  const resource = resourceOf(isGiven(former) ?? '');
  const isSame = resource === other.resource && one.user === other.user && one.variant === other.variant;
  const arePossible = isPart(asked) || isPart(former) ? arePartsInOrder(former, played) : true;
  const isStored = arePossible && one.mode !== 'no-store' && one.directive !== 'no-store' && one.type !== 'stream';
  const areSeen = other.method === 'GET' && (one.user === '' || one.named === other.named);
  const isTold = !isReadOnly(schedule, former.on) && isUndisturbed(schedule) && schedule.made === 'when asked' && former.on === asked.on;
  // Among processes what redirects lead to counts as asked for when the first URL was looked up; and of whom an adapter
  // does not tell nobody knows.
  if (one.via >= 0 && (schedule.second !== 'none' || schedule.tells === 'nothing')) return false;
  if (!isTold || former.settledAt >= asked.at || !isSame || !isStored || !areSeen) return false;
  return (one.method === 'GET' || hasShown(former, older, played)) && !isEndedUnheard(former, played);
}

const isPart = ({ given }: Asked): boolean => given?.kind === 'answer' && given.range !== undefined;

/**
 * A part is stored as bytes, and ends what is older by the clock and of another version by its validator. What may not
 * be stored of a resource says nothing of the rest of it.
 */
function arePartsInOrder(former: Asked, { schedule }: Played): boolean {
  const resource = former.given?.kind === 'answer' ? schedule.resources[resourceOf(former.given.is)] : undefined;
  // To another process a part is a variant of its own, beside which it stores what it has asked for before.
  if (schedule.second !== 'none' || resource === undefined) return false;
  if (schedule.steps.some((step) => step.do === 'jump' && step.seconds < 0)) return false;
  if (!isPart(former) || former.given?.kind !== 'answer') return true;
  const { lifetime, noStore } = rulesOf(resource.kind, versionOf(former.given.is));
  return former.step.type === 'arraybuffer' && resource.validator !== 'none' && lifetime !== 0 && !noStore;
}

/**
 * Whether an answer of the origin to a HEAD has shown that an older one is out of date, which was stored by then. What
 * another process has stored while the HEAD was under way it does not look for.
 */
function hasShown({ given, settledAt, step, at }: Asked, older: readonly Confirmation[], played: Played): boolean {
  const { confirmations, schedule } = played;
  // Of a HEAD that was led elsewhere nobody looks for a GET there.
  if (given?.kind !== 'answer' || given.isCached || schedule.second !== 'none' || step.via >= 0) return false;
  const shown = confirmations.find(({ method, name, sentAt, receivedAt = Infinity }) =>
    method === 'HEAD' && step.method === 'HEAD' && name === given.is && sentAt > at && receivedAt < settledAt);
  return shown !== undefined && older.every(({ receivedAt = Infinity }) => receivedAt < (shown.receivedAt ?? 0));
}

/**
 * What is not stored, and does not say no-store, ends what its process knows of, as to look for what others have stored
 * meanwhile would cost a call of the storage for each such answer. Nor is an answer stored during whose request its
 * process has invalidated a tag: which tags it would have had nobody knows by then.
 */
function isEndedUnheard({ given, on, at, settledAt }: Asked, { schedule, bounds }: Played): boolean {
  const resource = given?.kind === 'answer' ? schedule.resources[resourceOf(given.is)] : undefined;
  if (schedule.second === 'none') return false;
  if (resource === undefined || given?.kind !== 'answer') return true;
  const isOfTag = bounds.some((bound) =>
    typeof bound.resource === 'object' && bound.on === on && bound.madeBefore > at && bound.madeBefore < settledAt);
  const { lifetime, noStore } = rulesOf(resource.kind, versionOf(given.is));
  return isOfTag || (lifetime === 0 && !noStore && resource.validator === 'none');
}
