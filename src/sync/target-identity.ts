import { OperatorError } from '../model/errors.ts';
import {
  compareTargets,
  goneTargets,
  holdsAccounts,
  type ConfiguredTarget,
  type KnownTarget,
} from '../plan/target-identity.ts';
import type { ReadingTransaction } from '../store/store.ts';

/**
 * Refuses a pass at a target that is not the one whose accounts the state holds, and records the address of the others.
 * Runs inside the caller's transaction.
 *
 * @param selected the targets of this pass
 * @throws OperatorError that names both addresses, or both names, and the commands that decide
 */
export async function recordTargets(
  { targets }: Pick<ReadingTransaction, 'targets'>,
  selected: readonly ConfiguredTarget[],
  all: readonly ConfiguredTarget[],
): Promise<void> {
  const known = await targets.all();
  const mismatch = targetMismatch(selected, all, known);
  if (mismatch !== undefined) throw mismatch;
  for (const { name, url } of selected)
    if (known.find((one) => one.name === name)?.url !== url) await targets.saveUrl(name, url);
}

/** The error for targets whose address or name changed; undefined: each target is the one that the state knows. */
export function targetMismatch(
  selected: readonly ConfiguredTarget[],
  all: readonly ConfiguredTarget[],
  known: readonly KnownTarget[],
): OperatorError | undefined {
  const names = all.map(({ name }) => name);
  const { changed, renamed } = compareTargets(selected, names, known);
  const sentences = [
    ...changed.map(
      ({ target, known: before, configured }) =>
        `${target}: the state holds accounts of ${before}, and the configuration has ${configured}. ` +
        `If this is the same application and tenant at a new address, run "scimsync target moved ${target}". ` +
        'If it is another one, and the old accounts are no longer to be managed, run ' +
        `"scimsync target forget ${target}".`,
    ),
    ...renamed.map(
      ({ target, known: before, url, accounts }) =>
        `${target}: the state knows ${url} as "${before}", with ${accounts} users and groups, ` +
        'and the configuration no longer has that name. ' +
        `If the target was renamed, run "scimsync target rename ${before} ${target}". ` +
        `If the accounts of "${before}" are no longer to be managed, run "scimsync target forget ${before}".`,
    ),
  ];
  if (sentences.length === 0) return otherConfiguration(all, known);
  return new OperatorError(changed.length > 0 ? 'target.urlChanged' : 'target.renamed', sentences.join('\n'), 4);
}

/**
 * The error where the state belongs to another configuration: it holds accounts, and the configuration has only targets
 * that it does not know. A new target beside a known one is normal.
 */
function otherConfiguration(
  all: readonly ConfiguredTarget[],
  known: readonly KnownTarget[],
): OperatorError | undefined {
  const names = all.map(({ name }) => name);
  const gone = goneTargets(names, known);
  const isKnown = known.some((one) => names.includes(one.name) && (one.url !== undefined || holdsAccounts(one)));
  if (gone.length === 0 || isKnown) return undefined;
  const ofState = gone.map(({ name, url, accounts }) => `${name} (${url ?? 'no address'}, ${accounts} accounts)`);
  return new OperatorError(
    'target.allOther',
    `the state belongs to another configuration: it holds accounts of ${ofState.join(', ')}, and this ` +
      `configuration has only ${all.map(({ name, url }) => `${name} (${url})`).join(', ')}. ` +
      'Give this configuration a state file of its own. If the targets were replaced, and the old accounts are ' +
      'no longer to be managed, run ' +
      `${gone.map(({ name }) => `"scimsync target forget ${name}"`).join(', ')}.`,
    4,
  );
}
