import { OperatorError } from '../../model/errors.ts';
import { suggestion } from '../../model/nearest-name.ts';
import { holdsAccounts, targetUrlIdentity, type KnownTarget } from '../../plan/target-identity.ts';
import type { CommandTransaction } from '../../store/store.ts';
import { realClock } from '../clock.ts';
import { actionBy, withStoreBetweenPasses, type Context, type ExitCode } from '../context.ts';
import { selectTargets } from '../program/selection-flags.ts';
import { plural } from '../print/format.ts';

/** `target moved NAME`: the same application and tenant has a new address, so its accounts stay known. */
export async function targetMovedCommand(context: Context, name: string): Promise<ExitCode> {
  selectTargets(context.config, [name]);
  const configured = context.config.targets.find((target) => target.name === name);
  const url = targetUrlIdentity(configured?.url ?? '');
  return changeTargets(context, async (tx, known) => {
    const before = requireKnown(known, name);
    if (before.url === url) return { message: `The state knows ${name} at ${url} already. Nothing was changed.` };
    await tx.targets.saveUrl(name, url);
    const from = before.url ?? 'an address that was not recorded';
    return {
      message: `${name} is now known at ${url}, with ${accountsText(before)}. Before, it was at ${from}.`,
      note: `recorded that target ${name} moved from ${from} to ${url}`,
    };
  });
}

/** `target forget NAME`: the accounts of a target are no longer managed. They stay as they are at the application. */
export async function targetForgetCommand(context: Context, name: string): Promise<ExitCode> {
  return changeTargets(context, async (tx, known) => {
    const before = requireKnown(known, name);
    await tx.targets.forget(name, realClock.now());
    const isConfigured = context.config.targets.some((target) => target.name === name);
    return {
      message:
        `Forgot ${accountsText(before)} of ${name}. They stay as they are at the application, and so does their ` +
        `history.${isConfigured ? ' The next pass treats the target as a new one.' : ''}`,
      note: `forgot target ${name} with ${accountsText(before)}${before.url === undefined ? '' : `, ${before.url}`}`,
    };
  });
}

/** `target rename OLD NEW`: the configuration has another name for the same target. */
export async function targetRenameCommand(context: Context, name: string, newName: string): Promise<ExitCode> {
  const configured = context.config.targets.map((target) => target.name);
  return changeTargets(context, async (tx, known) => {
    const before = requireKnown(known, name);
    const other = known.find((target) => target.name === newName);
    const taken = (reason: string): OperatorError =>
      new OperatorError('target.nameTaken', `"${name}" cannot be renamed to "${newName}": ${reason}`, 4);
    if (name === newName) throw taken('both names are the same');
    if (configured.includes(name) && configured.includes(newName))
      throw taken('the configuration has both targets; give the target its new name there first');
    if (other !== undefined && holdsAccounts(other))
      throw taken(
        `the state holds ${accountsText(other)} of "${newName}". If they are no longer to be managed, run ` +
          `"scimsync target forget ${newName}" first`,
      );
    await tx.targets.rename(name, newName);
    return {
      message:
        `${name} is now ${newName}, with ${accountsText(before)}.` +
        (configured.includes(newName) ? '' : ` Give it the name "${newName}" in the configuration, too.`),
      note: `renamed target ${name} to ${newName}`,
    };
  });
}

interface Change {
  readonly message: string;
  /** For the journal; undefined: nothing was changed. */
  readonly note?: string;
}

/** Changes the registry of targets in one transaction under the lock, records who did it, and prints the result. */
async function changeTargets(
  context: Context,
  change: (tx: CommandTransaction, known: readonly KnownTarget[]) => Promise<Change>,
): Promise<ExitCode> {
  const message = await withStoreBetweenPasses(context, (store) =>
    store.command(async (tx) => {
      // An interrupted pass is closed first: that adds accounts in doubt.
      await tx.journal.closeInterrupted(realClock.now());
      const result = await change(tx, await tx.targets.all());
      if (result.note !== undefined) await tx.journal.recordAction(actionBy(context, realClock.now(), result.note));
      return result.message;
    }),
  );
  context.console.out(message);
  return 0;
}

function requireKnown(known: readonly KnownTarget[], name: string): KnownTarget {
  const target = known.find((one) => one.name === name);
  if (target !== undefined) return target;
  const names = known.map((one) => one.name);
  throw new OperatorError(
    'commandLine.unknownTarget',
    `the state has no target ${name}; it has ${names.length === 0 ? 'no targets' : names.join(', ')}` +
      suggestion(name, names),
    4,
  );
}

const accountsText = ({ accounts }: KnownTarget): string => plural(accounts, 'user or group', 'users and groups');
