import type { IdentityMapping } from '../desired/person-identity.ts';
import { IncompleteReading, FullReadRequired } from '../model/errors.ts';
import type { Instant } from '../model/ids.ts';
import type { Clock } from '../model/clock.ts';
import type { Judgement, ReadingFacts } from '../model/reading/judgement.ts';
import type { ReferenceReport } from '../model/reading/references.ts';
import { judgeAmounts } from '../plan/reading/amounts.ts';
import type { LastReading, OpenSource, SourceReading, UsedAttributes } from '../source/source.ts';
import type {
  KeyChangeCounts,
  StagedReading,
  StagingSummary,
  Reading,
  ReadingTransaction,
  Rejection,
} from '../store/store.ts';
import type { Emit } from './events.ts';
import { factsOf } from './reading/facts-of.ts';
import { judgeContent } from './reading/judge-content.ts';
import { resolveKeyChanges } from './reading/key-changes.ts';
import { applyKeyForm } from './reading/key-form.ts';
import type { SourceSpec } from './context.ts';
import { contradictedChanges, lostValuesOf } from './reading/lost-values.ts';
import { encodingJudgements } from './reading/encoding-judgements.ts';
import { judgeReferences, type ManagerMapping } from './reading/references.ts';
import { requireAccepted, requireAcceptedRows } from './reading/require-accepted.ts';
import { isUnchanged } from './reading/same-source.ts';
import { stagingOptions } from './reading/staging-options.ts';

/** The result of reading the source. */
export type ReadingResult =
  | {
      readonly kind: 'accepted';
      readonly number: number;
      readonly rejected: number;
      readonly rejections: readonly Rejection[];
      /** What is reported about the reading, or was accepted. */
      readonly judgements: readonly Judgement[];
    }
  /** The source returned no users: the mirror stays unchanged, and all resulting removals are held. */
  | { readonly kind: 'empty'; readonly before: number };

/** Dependencies of `readSource`. */
export interface ReadDeps {
  /** Without `keyChanges`, a key may change: no account is known by it. */
  readonly store: Pick<ReadingTransaction, 'mirror'> & {
    readonly keyChanges: ReadingTransaction['keyChanges'] | undefined;
  };
  readonly clock: Clock;
  readonly emit: Emit;
}

/** Options of one reading. */
export interface ReadingOptions {
  /** Skips the plausibility checks. */
  readonly acceptImplausible: boolean;
  /** Reads everything, even if the source could report changes. */
  readonly full: boolean;
  /** Whether the source may have no users; by default such a reading is never accepted. */
  readonly mayBeEmpty?: boolean;
  /** The moment by which dates choose between several rows of a user; by default now. */
  readonly at?: Instant | undefined;
  /** Judgements about the open source, before a row was read; an operator accepted those that refuse it. */
  readonly judgements: readonly Judgement[];
  /** The mappings of all targets, to recognise people whose key changed. */
  readonly mappings: readonly (IdentityMapping & ManagerMapping)[];
}

/**
 * Reads the source into the mirror, completely or not at all. Runs inside the caller's transaction, which an error
 * rolls back.
 *
 * @throws IncompleteReading if the source could not be read to its end, or is implausible without `acceptImplausible`
 */
export async function readSource(
  deps: ReadDeps,
  spec: SourceSpec,
  open: OpenSource,
  uses: UsedAttributes,
  options: ReadingOptions,
  signal: AbortSignal,
): Promise<ReadingResult> {
  const keyJudgements = await applyKeyForm(deps, spec, options.acceptImplausible);
  const last = await deps.store.mirror.last();
  const signature = open.signature(uses);
  const at = options.at ?? deps.clock.now();
  const hasKeyChanges = (deps.store.keyChanges?.pending().total ?? 0) > 0;
  if (last !== undefined && !hasKeyChanges && isUnchanged(last, open, { signature, spec, at })) {
    deps.emit({ type: 'read', unchanged: true, ...(await deps.store.mirror.counts()) });
    const { judgements = [] } = last.facts;
    return { kind: 'accepted', number: last.number, rejected: 0, rejections: [], judgements };
  }
  deps.emit({ type: 'reading', label: spec.source.label });
  const resumeFrom =
    options.full || hasKeyChanges ? undefined : resumableBookmark(last, signature, deps.clock.now(), spec.fullEveryMs);
  const context: ReadContext = {
    deps,
    spec,
    open,
    uses,
    options: { ...options, judgements: [...options.judgements, ...keyJudgements] },
    last,
    signature,
    at,
    // A row that lost against another one is not in the mirror, and the order of the rows may have changed.
    parseAll: last?.signature !== signature || spec.rows !== undefined,
  };
  let startFrom = resumeFrom;
  for (let attempt = 0; attempt < maxAttempts; attempt += 1) {
    const result = await readOnce(context, startFrom, signal);
    if (!('retryReason' in result)) return result;
    deps.emit({ type: 'fullReadRequired', reason: result.retryReason });
    startFrom = undefined;
  }
  throw new IncompleteReading(
    'source.inconsistent',
    (consequence) =>
      `${spec.source.label} contradicts itself in ${maxAttempts} readings; ${consequence}. ` +
      'The next pass reads it again.',
  );
}

/** One incremental read, then one full read. */
const maxAttempts = 2;

/**
 * The bookmark from which the reading can continue. undefined: a full read is necessary, because the configuration of
 * the source changed, rows were rejected, or the last full read is too old.
 */
function resumableBookmark(
  last: Reading | undefined,
  signature: string,
  now: Instant,
  fullEveryMs: number,
): string | undefined {
  const canResume =
    last !== undefined && last.signature === signature && last.rejected === 0 && now - last.completed < fullEveryMs;
  return canResume ? last.bookmark : undefined;
}

interface Retry {
  readonly retryReason: string;
}

interface ReadContext {
  readonly deps: ReadDeps;
  readonly spec: SourceSpec;
  readonly open: OpenSource;
  readonly uses: UsedAttributes;
  readonly options: ReadingOptions;
  readonly last: Reading | undefined;
  readonly signature: string;
  readonly parseAll: boolean;
  readonly at: Instant;
}

/** @returns the result, or why a full read is necessary */
async function readOnce(
  context: ReadContext,
  since: string | undefined,
  signal: AbortSignal,
): Promise<ReadingResult | Retry> {
  const { deps, open, uses } = context;
  const reading = await open.read(uses, since, signal);
  if (reading.fullReadReason !== undefined) deps.emit({ type: 'fullReadRequired', reason: reading.fullReadReason });
  requireAccepted(reading.judgements ?? [], acceptanceIn(context));
  const staged = await deps.store.mirror.openStaging(stagingOptions(context, reading.extent));
  try {
    await stageBatches(staged, reading.batches, signal);
    const staleReferences = await staged.staleReferences();
    if (staleReferences !== undefined && reading.reread !== undefined)
      await stageBatches(staged, reading.reread(staleReferences, signal), signal);
    return await commitIfPlausible(context, reading, staged, signal);
  } catch (error) {
    if (error instanceof FullReadRequired) return { retryReason: error.message };
    throw error;
  } finally {
    await staged.discard();
  }
}

async function stageBatches(
  staged: StagedReading,
  batches: SourceReading['batches'],
  signal: AbortSignal,
): Promise<void> {
  for await (const batch of batches) {
    signal.throwIfAborted();
    if (batch.removed !== undefined) await staged.stageRemovals(batch.part, batch.removed);
    const changedIndices = await staged.changedRows(batch.part, batch.rows);
    if (changedIndices.length === 0) continue;
    const rows = changedIndices.map((index) => batch.rows[index]).filter((row) => row !== undefined);
    await staged.stage(batch.part, rows, batch.parse(changedIndices));
  }
}

async function commitIfPlausible(
  context: ReadContext,
  reading: SourceReading,
  staged: StagedReading,
  signal: AbortSignal,
): Promise<ReadingResult | Retry> {
  const { deps, open, signature, options } = context;
  const at = deps.clock.now();
  const relinked = await keyChangesIn(context, staged, at);
  const summary = await staged.summary();
  const { before, after, rejected, rejections } = summary;
  const lost = await lostValuesOf(reading, summary, comparableReading(context), signal);
  const retryReason = summary.inconsistency ?? (await contradictedChanges(reading, summary, lost, signal));
  if (retryReason !== undefined) return { retryReason };
  if (rejected > 0) deps.emit({ type: 'rejected', total: rejected, rejections });
  const encoding = await encodingJudgements(context, summary, signal);
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
  const ofReferences = await referenceJudgements(context, references, facts);
  deps.emit({ type: 'read', unchanged: !isChanged, ...(isChanged ? await deps.store.mirror.counts() : before) });
  return { kind: 'accepted', number, rejected, rejections, judgements: [...judgements, ...ofReferences] };
}

/** References are known only after the commit, like memberships by reference. */
async function referenceJudgements(
  context: ReadContext,
  report: ReferenceReport | undefined,
  { judgements: reported = [] }: ReadingFacts,
): Promise<readonly Judgement[]> {
  const { mirror } = context.deps.store;
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

const acceptanceIn = ({ spec, deps, options }: ReadContext): Parameters<typeof requireAccepted>[1] => ({
  label: spec.source.label,
  emit: deps.emit,
  acceptImplausible: options.acceptImplausible,
});
