import type { Outcome } from '../../model/outcome.ts';
import type { FlatResource } from '../../model/resource.ts';
import type { ExecutionDeps, ExecutionRound } from '../context.ts';

/** If all of these accounts are missing, the target is probably not the one that is meant. */
export const maxControls = 3;

/**
 * Reads accounts that should be at the target, because removed accounts were not found there. A gateway, an empty
 * replica or another tenant answers a read by id and a look-up as the application does for a missing account.
 *
 * @returns why the answers prove no absence; undefined: an account was found, or none is known
 */
export async function doubtAboutAbsence(
  { serving, target }: Pick<ExecutionDeps, 'serving' | 'target'>,
  { mapping, pass }: Pick<ExecutionRound, 'mapping' | 'pass'>,
  stop: AbortSignal,
): Promise<string | undefined> {
  const controls = await serving.controlAccounts(pass, maxControls);
  if (controls.length === 0) return undefined;
  for (const control of controls) if (await target.isThere(control, mapping.paths('User'), stop)) return undefined;
  const names = controls.map(({ key }) => key).join(', ');
  return (
    `the accounts of ${controls.length} other users, who should have one there, are not found either (${names}): ` +
    'check whether the URL or the tenant of the target is wrong, or whether it was restored from a backup'
  );
}

/**
 * Whether the target stores externalIds, as reads of accounts that have one show. Their values were sent, and a target
 * may accept an attribute that it does not store.
 *
 * @returns undefined where no such account can be read
 */
export async function storesExternalIds(
  { serving, target }: Pick<ExecutionDeps, 'serving' | 'target'>,
  { mapping, pass }: Pick<ExecutionRound, 'mapping' | 'pass'>,
  stop: AbortSignal,
): Promise<boolean | undefined> {
  let isStored: boolean | undefined;
  for (const control of await serving.controlAccounts(pass, maxControls)) {
    if (isStored === true || !hasExternalId(control.body)) continue;
    const reading = await target.readKnown(control, mapping.paths('User'), stop);
    if (reading.kind === 'present') isStored = hasExternalId(reading.resource.body);
  }
  return isStored;
}

const hasExternalId = ({ externalId }: FlatResource): boolean => typeof externalId === 'string' && externalId !== '';

/** The outcome of a removal whose account was not found, after the control. */
export const withDoubtAboutAbsence = (outcome: Outcome, doubt: string | undefined): Outcome =>
  doubt === undefined
    ? outcome
    : { kind: 'unknown', detail: `the account is not found, which proves nothing: ${doubt}` };
