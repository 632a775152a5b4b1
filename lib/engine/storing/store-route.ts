/** Keeping an answer under its own URL, and each redirect that led there under the URL that it was the answer of. */
import type { Answer, Hop } from '../exchange/answer.js';
import type { Asked } from '../exchange/request.js';
import { notStored, type Storing } from '../exchange/storing.js';
import type { Stage, Trail } from '../flights/trail.js';
import { storeRedirect, storeResponse } from './store.js';
import type { StoreContext } from './write.js';
import { type Entry, parseEntry } from '../../entries/entry.js';
import { decideRedirect } from '../../rfc9111/decide-redirect.js';
import { replaces } from '../../rfc9111/decide-storage.js';
import type { EpochMs } from '../../rfc9111/model.js';
import { isPart } from '../../rfc9111/parts.js';
import { selectMatching } from '../../rfc9111/vary.js';

/** Stores the answer first, so that no redirect leads to nothing. Says what became of the answer. */
export async function storeRoute(
  trail: Trail,
  hops: readonly Hop[],
  answer: Answer,
  context: StoreContext,
): Promise<Storing> {
  const { stages } = trail;
  const last = stages.at(-1);
  const isTold = last !== undefined && stages.length === hops.length + 1;
  // Two requests of one key could not both be stored.
  const areApart = new Set(stages.map(({ asked }) => asked.key)).size === stages.length;
  if (!isTold || !areApart) return notStored('redirected');
  const known = await knownUnder(last.asked, context);
  const own: Answer = { ...answer, direct: true, finalUrl: undefined };
  const storing = trail.noted(await storeResponse(last.asked, own, known, context, last.isCurrent));
  if (storing.kind === 'not-stored' && replaces(answer.status)) await dropOutdated(last, known, context);
  const expiresAtMs = storing.kind === 'stored' ? storing.entry.raw.expiresAtMs : 0;
  let areKept = true;
  for (const [index, hop] of hops.entries()) {
    const stage = stages[index] ?? last;
    const kept = trail.noted(await storeHop(stage, hop, expiresAtMs, context));
    areKept &&= kept.kind === 'stored';
  }
  return areKept ? storing : notStored('redirected');
}

async function storeHop(
  { asked, isCurrent }: Stage,
  hop: Hop,
  ledToExpiresAtMs: EpochMs,
  context: StoreContext,
): Promise<Storing> {
  const ledTo = Math.max(0, ledToExpiresAtMs - hop.responseTime) / 1000;
  const decision = decideRedirect(asked.head, hop, asked.policy, ledTo);
  const known = await knownUnder(asked, context);
  const storing = await storeRedirect({ asked, hop, decision }, known, context, isCurrent);
  if (storing.kind === 'not-stored') await dropOutdated({ asked, isCurrent }, known, context);
  return storing;
}

/** The origin has answered otherwise: the redirect that led here must not lead back to what was stored before. */
async function dropOutdated({ asked, isCurrent }: Stage, known: readonly Entry[], { storage }: StoreContext): Promise<void> {
  const [outdated] = selectMatching(asked.head, known);
  if (outdated === undefined || !isCurrent(outdated.raw.variant)) return;
  await storage.delete({ key: asked.key, variant: outdated.raw.variant });
}

/** The variants that have to make room. Parts are put together only where they were asked for by their own URL. */
async function knownUnder({ key }: Asked, { storage }: StoreContext): Promise<readonly Entry[]> {
  const read = await storage.get(key);
  if (!read.ok) return [];
  return read.value.map((raw) => parseEntry(raw)).filter((entry) => entry !== undefined && !isPart(entry)) as Entry[];
}
