import { readFileSync } from 'node:fs';
import { keyInForm } from '../../model/reading/key-form.ts';
import { OperatorError } from '../../model/errors.ts';
import type { Instant } from '../../model/ids.ts';
import { formerKey } from '../../plan/other-person.ts';
import { readKeyPairs } from '../../source/csv/key-pairs.ts';
import type { CommandTransaction, KeyChangeView, KeyPair, RelinkProblem, Store } from '../../store/store.ts';
import { plan } from '../../sync/pass.ts';
import { realClock } from '../clock.ts';
import { actionBy, passOptions, withStoreBetweenPasses, type Context, type ExitCode } from '../context.ts';
import { logEvents } from '../pass-events.ts';
import { grouped, plural } from '../print/format.ts';
import { changedText } from '../print/key-changes.ts';
import { wireSource } from '../source/wire-source.ts';
import { wireTargets } from '../wire.ts';

/** A message and the journal name at most this number of pairs. */
const maxListed = 20;

type Pair = KeyPair;

/**
 * `relink [FILE]`: moves accounts and history of users and groups to the keys that the source has for them now, all or
 * nothing. `--force`: also pairs of the file that contradict the source. `--as-new`: they are others, so the next pass
 * removes and creates as usual.
 */
export async function relinkCommand(
  context: Context,
  file: string | undefined,
  { asNew, force }: { readonly asNew: boolean; readonly force: boolean },
): Promise<ExitCode> {
  const { keyForm } = context.config.source;
  const written =
    file === undefined
      ? undefined
      : pairsOfFile(file).map(({ from, to }) => ({ from: keyInForm(from, keyForm), to: keyInForm(to, keyForm) }));
  const message = await withStoreBetweenPasses(context, async (store) => {
    const given = written ?? (await changesOfSource(context, store));
    const isChecked = written !== undefined && !asNew && !force;
    const contradictions = isChecked
      ? await planned(context, store, (keyChanges) => keyChanges.contradictions(written))
      : [];
    return store.command(async ({ keyChanges, journal }) => {
      const now = realClock.now();
      // An interrupted pass is closed first: that adds accounts in doubt.
      await journal.closeInterrupted(now);
      const pairs = given;
      if (pairs.length === 0)
        throw new OperatorError('relink.nothingPending', 'no key of the source seems to have changed');
      if (asNew) await separate(keyChanges, pairs, now);
      else {
        requireNoProblems(keyChanges.problems(pairs), contradictions);
        await keyChanges.relink(pairs, now);
      }
      const action = asNew
        ? `stated that ${plural(pairs.length, 'pair')} of keys belong to different people or groups`
        : samePeople(pairs);
      const omitted = pairs.length - maxListed;
      const list =
        pairs
          .slice(0, maxListed)
          .map(({ from, to }) => `${from} → ${to}`)
          .join(', ') + (omitted > 0 ? `, and ${grouped(omitted)} more` : '');
      await journal.recordAction(actionBy(context, now, `${action}: ${list}`));
      return asNew
        ? `${plural(pairs.length, 'pair')} of keys: the next pass removes the old records and creates the new ones ` +
            `(${list}).`
        : `Done: ${action} (${list}). The next pass sends the new values to the targets.`;
    });
  });
  context.console.out(message);
  return 0;
}

/** "moved 30 people to new keys", "stated that 1 key names the same person as before". */
function samePeople(pairs: readonly Pair[]): string {
  const moved = pairs.filter(({ from, to }) => from !== to);
  const same = pairs.length - moved.length;
  return [
    ...(moved.length === 0 ? [] : [`moved the accounts and the history of ${recordsOf(moved)} to new keys`]),
    ...(same === 0
      ? []
      : [`stated that ${plural(same, 'key')} ${same === 1 ? 'names' : 'name'} the same person as before`]),
  ].join(' and ');
}

/**
 * States that the pairs are different people or groups. The account of a reused key belongs to the former person, who
 * gets a key that no source has: a leaver.
 */
async function separate(
  keyChanges: CommandTransaction['keyChanges'],
  pairs: readonly Pair[],
  now: Instant,
): Promise<void> {
  const reused = pairs.filter(({ from, to }) => from === to);
  requireNoProblems(keyChanges.problems(reused), []);
  const former = reused.map(({ from }) => ({ resourceType: 'User' as const, from, to: formerKey(from, now) }));
  if (former.length > 0) await keyChanges.relink(former, now);
  if (former.length < pairs.length)
    await keyChanges.markAsDifferent(
      pairs.filter(({ from, to }) => from !== to),
      now,
    );
}

function recordsOf(pairs: readonly Pair[]): string {
  return changedText(pairs.length, pairs.filter(({ resourceType }) => resourceType === 'Group').length);
}

/** The key changes that wait; where no pass recorded one yet, those that `plan` shows of the current source. */
async function changesOfSource(context: Context, store: Store): Promise<readonly Pair[]> {
  const pending = store.keyChanges.pendingPairs();
  return pending.length > 0 ? pending : planned(context, store, (keyChanges) => keyChanges.pendingPairs());
}

/** What the state would hold after a pass read the current source. */
async function planned<T>(context: Context, store: Store, show: (keyChanges: KeyChangeView) => T): Promise<T> {
  const { config, stop } = context;
  const io = {
    store,
    source: wireSource(config),
    targets: wireTargets(config),
    clock: realClock,
    emit: logEvents(context),
  };
  const options = passOptions(context, { only: undefined, full: false });
  return plan(io, options, async (_, tx) => show(tx.keyChanges), stop);
}

/** @throws OperatorError that lists all mistakes */
function pairsOfFile(file: string): readonly Pair[] {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new OperatorError('commandLine.invalidPairs', `the file of pairs cannot be read: ${reason}`, 4, { cause });
  }
  const { pairs, problems } = readKeyPairs(text);
  const [first] = problems;
  if (first === undefined && pairs.length > 0) return pairs;
  throw new OperatorError(
    'commandLine.invalidPairs',
    first === undefined
      ? `${file} has no pairs of keys; write one pair in each line: old,new`
      : `${file} has ${plural(problems.length, 'mistake')}, nothing was changed:\n${listOf(problems)}`,
    4,
  );
}

/** @throws OperatorError that lists all pairs that cannot be relinked, each once */
function requireNoProblems(impossible: readonly RelinkProblem[], contradictions: readonly RelinkProblem[]): void {
  const impossibleKeys = new Set(impossible.map(({ from }) => from));
  const contradicting = contradictions.filter(({ from }) => !impossibleKeys.has(from));
  const problems = [...impossible, ...contradicting];
  if (problems.length === 0) return;
  const advice =
    impossible.length > 0
      ? ''
      : '\nIf the pairs are right, run the command again with "--force" (it skips this check).';
  throw new OperatorError(
    'relink.impossible',
    `${plural(problems.length, 'pair')} cannot be relinked, nothing was changed:\n` +
      listOf(problems.map((problem) => `${problem.from} → ${problem.to}: ${problemText(problem)}`)) +
      advice,
    4,
  );
}

function problemText({ code, from, to, target }: RelinkProblem): string {
  switch (code) {
    case 'unknownKey':
      return `the state knows no user or group with the key ${from}`;
    case 'hasAccount':
      return `${to} has an account of its own at ${target ?? 'a target'}`;
    case 'notInSource':
      return `the source has no record with the key ${to}`;
    case 'samePerson':
      return `both keys are ${from}, and it names no other person than before`;
    case 'stillActive':
      return `${from} is still an active record of the source`;
  }
}

const listOf = (lines: readonly string[]): string =>
  [
    ...lines.slice(0, maxListed).map((line) => `  ${line}`),
    ...(lines.length > maxListed ? [`  … and ${lines.length - maxListed} more`] : []),
  ].join('\n');
