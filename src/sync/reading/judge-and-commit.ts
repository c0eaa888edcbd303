import type { Instant } from '../../model/ids.ts';
import type { Judgement, ReadingFacts } from '../../model/reading/judgement.ts';
import type { ReferenceReport } from '../../model/reading/references.ts';
import { judgeAmounts } from '../../plan/reading/amounts.ts';
import type { LastReading, SourceReading } from '../../source/source.ts';
import type { KeyChangeCounts, StagedReading, StagingSummary } from '../../store/store.ts';
import type { Answers } from './commit-readings.ts';
import { encodingJudgements } from './encoding-judgements.ts';
import { factsOf } from './facts-of.ts';
import { judgeContent } from './judge-content.ts';
import { resolveKeyChanges } from './key-changes.ts';
import { askedBetweenTransactions, contradictedChanges, lostValuesOf } from './lost-values.ts';
import {
  acceptanceIn,
  type MirrorTransaction,
  type ReadContext,
  type ReadDeps,
  type ReadingResult,
} from './reading-context.ts';
import { judgeReferences } from './references.ts';
import { requireAccepted, requireAcceptedRows } from './require-accepted.ts';

/** Rows of one read that are staged, and not judged yet. */
export interface StagedRows {
  readonly reading: SourceReading;
  readonly staged: StagedReading;
  readonly answers: Answers;
}

interface Retry {
  readonly retryReason: string;
}

/**
 * Judges staged rows, and commits them to the mirror. Runs inside the caller's transaction.
 *
 * @returns the result, or why a complete reading is necessary
 * @throws ImplausibleReading, SourceNeeded
 */
export async function commitIfPlausible(
  context: ReadContext,
  { reading, staged, answers }: StagedRows,
  tx: MirrorTransaction,
  signal: AbortSignal,
): Promise<ReadingResult | Retry> {
  const { deps, open, signature, options } = context;
  const at = deps.clock.now();
  const relinked = await keyChangesIn(context, staged, at);
  const summary = await staged.summary();
  const { before, after, rejected, rejections } = summary;
  const asked = askedBetweenTransactions(reading, answers);
  const lost = await lostValuesOf(asked, summary, comparableReading(context), signal);
  const retryReason = summary.inconsistency ?? (await contradictedChanges(asked, summary, lost, signal));
  if (retryReason !== undefined) return { retryReason };
  if (rejected > 0) deps.emit({ type: 'rejected', total: rejected, rejections });
  const encoding = await encodingJudgements(context, summary, answers, signal);
  requireAccepted(encoding, acceptanceIn(context));
  if (after.users === 0) {
    requireAcceptedRows(context.spec.source.label, rejected);
    if (options.mayBeEmpty !== true) return { kind: 'empty', before: before.users };
  }
  const content = judgeContent(context, summary, lost);
  requireAccepted(content, acceptanceIn(context));
  const judgements = [...options.judgements, ...encoding, ...content];
  // Rejected rows are read again until they are corrected, so the next reading is a full one.
  const bookmark = rejected > 0 ? undefined : reading.bookmark();
  reportKeyChanges(deps, relinked);
  const facts = factsOf(context, reading, summary, judgements);
  const { number, isChanged, memberships, references } = await staged.commit({
    at,
    fingerprint: open.fingerprint ?? '',
    signature,
    columns: open.columns,
    bookmark,
    facts,
  });
  if (isChanged) requireMemberships(context, before, memberships);
  const ofReferences = await referenceJudgements(context, references, facts, tx);
  deps.emit({ type: 'read', unchanged: !isChanged, ...(isChanged ? await deps.store.mirror.counts() : before) });
  return { kind: 'accepted', number, rejected, rejections, judgements: [...judgements, ...ofReferences] };
}

/** References are known only after the commit, like memberships by reference. */
async function referenceJudgements(
  context: ReadContext,
  report: ReferenceReport | undefined,
  { judgements: reported = [] }: ReadingFacts,
  { mirror }: MirrorTransaction,
): Promise<readonly Judgement[]> {
  const judgements = await judgeReferences({ ...context, mirror, report });
  if (report !== undefined) requireAccepted(judgements, acceptanceIn(context));
  const notices = judgements.filter(({ refused }) => !refused);
  if (notices.length > 0) await mirror.report([...reported, ...notices]);
  return judgements;
}

async function keyChangesIn(
  { deps, spec: { relink, sanity }, options: { mappings } }: ReadContext,
  staged: StagedReading,
  at: Instant,
): Promise<KeyChangeCounts> {
  if (deps.store.keyChanges === undefined) return { users: 0, groups: 0 };
  return resolveKeyChanges(staged, { mappings, relink, floor: sanity.floor, at });
}

function reportKeyChanges({ emit, store }: ReadDeps, relinked: KeyChangeCounts): void {
  if (relinked.users + relinked.groups > 0) emit({ type: 'relinked', ...relinked });
  const keyChanges = store.keyChanges?.pending();
  if (keyChanges !== undefined && keyChanges.total > 0) emit({ type: 'keyChanges', ...keyChanges });
}

/** Memberships by reference are known only after the commit; everything else was judged before. */
function requireMemberships(context: ReadContext, before: StagingSummary['before'], memberships: number): void {
  if (context.open.referenceOptions === undefined) return;
  const after = { ...before, memberships };
  requireAccepted(judgeAmounts({ before, after, blanked: [] }, context.spec.sanity), acceptanceIn(context));
}

/** What entries are compared with. Another configuration may bring users back whose entries did not change. */
const comparableReading = ({ last, signature }: ReadContext): LastReading | undefined =>
  last?.signature === signature ? { position: last.facts.position, bookmark: last.bookmark } : undefined;
