/**
 * This file stores an answer that came by redirects: the answer under its own URL, and each redirect under the URL that
 * it answered.
 */
import type { Answer, Redirect } from '../exchange/answer.js';
import type { CacheRequest } from '../exchange/request.js';
import { notStored, type Storing } from '../exchange/storing.js';
import type { SentRequest, SentRequests } from '../flights/sent-requests.js';
import { storeRedirect, storeResponse } from './store.js';
import { type StoreContext, trimVariants } from './write.js';
import { scopeOf } from '../reading/look-up.js';
import { bodyOf } from '../../storage/entry-shape.js';
import { type Entry, parseEntry } from '../../entries/entry.js';
import { decideRedirect } from '../../rfc9111/decide-redirect.js';
import { replaces } from '../../rfc9111/decide-storage.js';
import type { EpochMs } from '../../rfc9111/model.js';
import { isPart } from '../../rfc9111/parts.js';
import { selectMatching } from '../../rfc9111/vary.js';

/** It stores the answer first, so that no redirect leads to nothing, and says what became of the answer. */
export async function storeChain(
  sent: SentRequests,
  redirects: readonly Redirect[],
  answer: Answer,
  context: StoreContext,
): Promise<Storing> {
  const { path } = sent;
  const last = path.at(-1);
  const isTold = last !== undefined && path.length === redirects.length + 1;
  // Two requests of one key could not both be stored.
  const areApart = new Set(path.map(({ request }) => request.key)).size === path.length;
  if (!isTold || !areApart) return notStored('redirected');
  const known = await knownUnder(last.request, context);
  const own: Answer = { ...answer, fromAskedUrl: true, finalUrl: undefined };
  const storing = sent.noted(await storeResponse(last.request, own, known, context, last));
  const variants = known.map(({ raw }) => raw.variant);
  const mayTrim = storing.kind === 'stored' && last.mayExceed(context.maxVariants, variants);
  if (mayTrim) await trimVariants(storing.entry.raw, context);
  const ends = storing.kind === 'not-stored' && storing.reason !== 'filtered' && replaces(answer.status);
  if (ends) await dropFormer(last, known, context);
  const expiresAtMs = storing.kind === 'stored' ? storing.entry.raw.expiresAtMs : 0;
  let areKept = true;
  for (const [index, redirect] of redirects.entries()) {
    const kept = sent.noted(await storeOne(path[index] ?? last, redirect, expiresAtMs, context));
    areKept &&= kept.kind === 'stored';
  }
  return areKept ? storing : notStored('redirected');
}

async function storeOne(
  from: SentRequest,
  redirect: Redirect,
  ledToExpiresAtMs: EpochMs,
  context: StoreContext,
): Promise<Storing> {
  const { request } = from;
  const ledTo = Math.max(0, ledToExpiresAtMs - redirect.responseTime) / 1000;
  const decision = decideRedirect(request.head, redirect, request.policy, ledTo);
  const known = await knownUnder(request, context);
  const storing = await storeRedirect(request, redirect, decision, known, context, from);
  // A redirect that may not be kept holds for this request alone.
  if (storing.kind === 'not-stored' && decision.kind === 'store') await dropFormer(from, known, context);
  return storing;
}

/** The origin has answered something else, so what was stored before is deleted: no redirect may lead back to it. */
async function dropFormer(
  sent: SentRequest,
  known: readonly Entry[],
  { distrust }: StoreContext,
): Promise<void> {
  const { request } = sent;
  sent.noteEnd();
  const [outdated] = selectMatching(request.head, known);
  if (outdated === undefined || request.policy.readOnly || !sent.mayEnd(outdated.raw.variant)) return;
  await distrust.delete(bodyOf(outdated.raw));
}

/**
 * It returns the stored entries that may have to make room. Parts are left out: they are put together only where they
 * were asked for by their own URL.
 */
async function knownUnder(request: CacheRequest, { storage }: StoreContext): Promise<readonly Entry[]> {
  const read = await storage.get(request.key, scopeOf(request));
  if (!read.ok) return [];
  const entries = read.value.entries.map((raw) => parseEntry(raw));
  return entries.filter((entry) => entry !== undefined && !isPart(entry)) as Entry[];
}
