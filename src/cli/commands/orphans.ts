import { OperatorError } from '../../model/errors.ts';
import { formatTime } from '../../model/time.ts';
import { effectiveLeaverPolicy } from '../../plan/leavers.ts';
import type { ReadOnlyStore } from '../../store/read-only-store.ts';
import type { Orphan, StateView, TakenOver } from '../../store/store.ts';
import { actionBy, openView, withStoreBetweenPasses, type Context, type ExitCode } from '../context.ts';
import { selectTargets } from '../program/selection-flags.ts';
import { plural } from '../print/format.ts';
import { pauseText } from '../print/suspensions-text.ts';
import { realClock } from '../clock.ts';
import { exitCodeOfPass, requireNoErrors, runPass } from './sync.ts';

/** Options of `orphans`. */
export interface OrphansFlags {
  readonly target: readonly string[];
  readonly json: boolean;
  /** Orphans to close, by externalId, userName or id. Undefined: the option is not given. */
  readonly remove: readonly string[] | undefined;
  /** Orphans that are not ours. */
  readonly foreign: readonly string[] | undefined;
  /** `--remove` or `--foreign` concerns all orphans. */
  readonly all: boolean;
  readonly allowRemovals: number | undefined;
  /** Why the removals are right, for the journal. */
  readonly reason?: string;
}

/**
 * `orphans`: the accounts at a target with an externalId that no record of the source has. Lists them, closes them by
 * the leaver rule, or declares them not ours.
 */
export async function orphansCommand(context: Context, flags: OrphansFlags): Promise<ExitCode> {
  const { remove, foreign, all } = flags;
  const names = selectTargets(context.config, flags.target) ?? context.config.targets.map(({ name }) => name);
  if (remove !== undefined && foreign !== undefined) throw wrongUse('give either --remove or --foreign');
  const chosen = remove ?? foreign;
  if (chosen === undefined) {
    if (all) throw wrongUse('--all needs --remove or --foreign');
    return list(context, names, flags.json);
  }
  if (all === chosen.length > 0) throw wrongUse('name the accounts, or give --all');
  if (flags.reason !== undefined && flags.allowRemovals === undefined)
    throw wrongUse('--reason is the reason of --allow-removals.');
  return remove === undefined
    ? declareForeign(context, names, all ? undefined : chosen)
    : close(context, names, all ? undefined : chosen, flags);
}

const wrongUse = (advice: string): OperatorError =>
  new OperatorError('commandLine.orphans', `"scimsync orphans" is used in another way: ${advice}`, 4);

const pageSize = 500;

function list({ config, console }: Context, names: readonly string[], json: boolean): ExitCode {
  const view = openView(config);
  try {
    for (const name of names) {
      const status = view?.targets().find((target) => target.name === name);
      for (const orphan of view === undefined ? [] : orphansOf(view, name))
        console.out(json ? JSON.stringify(orphanLine(name, orphan)) : orphanText(name, orphan));
      const { orphans, unowned, listed } = status ?? { orphans: 0, unowned: 0, listed: undefined };
      if (json) {
        const time = listed === undefined ? null : formatTime(listed);
        console.out(JSON.stringify({ type: 'summary', target: name, orphans, unowned, listed: time }));
        continue;
      }
      console.out(
        listed === undefined
          ? `${name}: its users have not been listed completely yet, so no orphans are known`
          : `${name}: ${plural(orphans, 'account')} with an externalId that no record of the source has, ` +
              `${unowned} without an externalId and without an owner; listed at ${formatTime(listed)}`,
      );
      if (orphans > 0)
        console.out(
          `  Close them: "scimsync orphans --target ${name} --remove --all"; ` +
            `not ours: "scimsync orphans --target ${name} --foreign --all"`,
        );
      else if (unowned > 0)
        console.out(
          '  Compare them in the application with the people who left. ' +
            `Then: "scimsync orphans --target ${name} --foreign --all"`,
        );
    }
    return 0;
  } finally {
    view?.close();
  }
}

function* orphansOf(view: ReadOnlyStore, target: string): Iterable<Orphan> {
  for (let after = ''; ;) {
    const page = view.orphans(target, after, pageSize);
    const last = page.at(-1);
    if (last === undefined) return;
    yield* page;
    after = last.remoteId;
  }
}

function orphanLine(target: string, orphan: Orphan): Readonly<Record<string, unknown>> {
  const { externalId: key, userName: name, remoteId: id, isActive: active, listedAt } = orphan;
  return { type: 'orphan', target, resource: 'User', key, name, id, active, listed: formatTime(listedAt) };
}

const orphanText = (target: string, { externalId, userName, remoteId, isActive }: Orphan): string =>
  `${target}: ${userName === '' ? remoteId : userName} (externalId ${externalId})${isActive ? '' : ', inactive'}`;

/** A chosen orphan at its target. */
interface Chosen {
  readonly target: string;
  readonly orphan: Orphan;
}

/** @param texts undefined: all orphans. @throws OperatorError for a text that names no orphan */
async function choose(
  store: StateView,
  names: readonly string[],
  texts: readonly string[] | undefined,
): Promise<Chosen[]> {
  const chosen: Chosen[] = [];
  const unknown = new Set(texts ?? []);
  for (const target of names) {
    const { orphans } = await store.target(target);
    for (const text of texts ?? [])
      for (const orphan of await orphans.find(text)) {
        unknown.delete(text);
        if (!chosen.some((one) => one.target === target && one.orphan.remoteId === orphan.remoteId))
          chosen.push({ target, orphan });
      }
    if (texts !== undefined) continue;
    for (let after = ''; ;) {
      const page = await orphans.page(after, pageSize);
      const last = page.at(-1);
      if (last === undefined) break;
      chosen.push(...page.map((orphan) => ({ target, orphan })));
      after = last.remoteId;
    }
  }
  if (unknown.size > 0)
    throw new OperatorError(
      'commandLine.unknownSubject',
      `no orphan has the externalId, userName or id ${[...unknown].join(', ')}; "scimsync orphans" lists them. ` +
        'Nothing was changed.',
      4,
    );
  return chosen;
}

async function declareForeign(
  context: Context,
  names: readonly string[],
  texts: readonly string[] | undefined,
): Promise<ExitCode> {
  const message = await withStoreBetweenPasses(context, (store) =>
    store.command(async (tx) => {
      let orphans = 0;
      let unowned = 0;
      if (texts === undefined)
        for (const name of names) {
          const counts = await (await tx.target(name)).orphans.declareAllForeign();
          orphans += counts.orphans;
          unowned += counts.unowned;
        }
      else
        for (const { target, orphan } of await choose(tx, names, texts)) {
          await (await tx.target(target)).orphans.declareForeign(orphan.remoteId);
          orphans += 1;
        }
      const what = `${plural(orphans + unowned, 'account')} at ${names.join(', ')} not ours`;
      await tx.journal.recordAction(actionBy(context, realClock.now(), `declared ${what}`));
      return `Declared ${what}. They stay as they are, and are not counted again.`;
    }),
  );
  context.console.out(message);
  return 0;
}

/** Takes the orphans over and removes their access in one pass of its own, which does not read the source. */
async function close(
  context: Context,
  names: readonly string[],
  texts: readonly string[] | undefined,
  { json, allowRemovals, reason }: OrphansFlags,
): Promise<ExitCode> {
  const { config, operator } = context;
  return withStoreBetweenPasses(context, async (store) => {
    let frozen = 0;
    const takenOver = await store.command(async (tx) => {
      const all = await choose(tx, names, texts);
      const keys = new Set<string>(tx.suspensions.freezes().map(({ key }) => key));
      const chosen = all.filter(({ orphan }) => !keys.has(orphan.externalId));
      frozen = all.length - chosen.length;
      for (const name of new Set(chosen.map(({ target }) => target))) {
        requireRemoval(config, name);
        requireActive(tx, name);
      }
      await tx.journal.closeInterrupted(realClock.now());
      const accounts = new Map<string, TakenOver[]>();
      for (const { target, orphan } of chosen) {
        const account = await (await tx.target(target)).orphans.takeOver(orphan.remoteId, realClock.now());
        if (account === undefined) continue;
        if (!accounts.has(target)) accounts.set(target, []);
        accounts.get(target)?.push(account);
      }
      return accounts;
    });
    if (frozen > 0)
      context.console.out(
        `frozen: ${plural(frozen, 'account is', 'accounts are')} not closed, because the users are frozen`,
      );
    const held: ExitCode = frozen > 0 ? 3 : 0;
    if (takenOver.size === 0) {
      if (frozen === 0) context.console.out('There are no orphans to close.');
      return held;
    }
    const report = await runPass(
      context,
      store,
      {
        ...{ ...passFlags, target: [...takenOver.keys()], json, allowRemovals },
        ...(reason === undefined ? {} : { reason }),
      },
      { onlyRequeued: 'orphans', note: `${operator} closed orphans` },
    );
    requireNoErrors(report);
    for (const [target, accounts] of takenOver) {
      const returned = await store.command(async (tx) => (await tx.target(target)).orphans.giveBackHeld(accounts));
      if (returned > 0)
        context.log.warn(
          { target, held: returned },
          `${target}: ${plural(returned, 'account stays an orphan', 'accounts stay orphans')}, because the guard ` +
            `holds the removal: add "--allow-removals ${returned}" if it is right, or declare what is not ours ` +
            'by "--foreign"',
        );
    }
    return exitCodeOfPass(report) || held;
  });
}

/** @throws OperatorError for a target that is set aside */
function requireActive({ suspensions }: StateView, name: string): void {
  const pause = suspensions.pauses().find(({ target }) => target === name);
  if (pause === undefined) return;
  throw new OperatorError(
    'target.paused',
    `${name} is ${pauseText(pause)}. Nothing was changed; run "scimsync resume ${name}" first.`,
  );
}

const passFlags = { full: false, plan: undefined, acceptSource: false, adoptConflicts: false } as const;

function requireRemoval({ targets }: Context['config'], name: string): void {
  const target = targets.find((one) => one.name === name);
  if (target === undefined) return;
  if (effectiveLeaverPolicy(target.leavers, target.profile.protocol.deletion).action !== 'keep') return;
  throw new OperatorError(
    'commandLine.orphans',
    `leavers.action of ${name} is "keep", so no account would be closed. Declare them not ours with --foreign, or ` +
      'change the leaver rule. Nothing was changed.',
    4,
  );
}
