import { hostname } from 'node:os';
import { OperatorError } from '../../model/errors.ts';
import { sourceKey, type SourceKey } from '../../model/ids.ts';
import { describeMoment } from '../../model/dates/zone.ts';
import type { Freeze, StateView, Store } from '../../store/store.ts';
import { plan } from '../../sync/pass.ts';
import { requireSubject, type SubjectQuery } from '../../sync/subjects/find-subjects.ts';
import { nameOfRecord } from '../../sync/subjects/name-of-record.ts';
import { subjectDataOf } from '../../sync/subjects/subject-data.ts';
import { parseUntil } from '../at.ts';
import { realClock } from '../clock.ts';
import { actionBy, passOptions, withCopy, withStateBeside, type Context, type ExitCode } from '../context.ts';
import { logEvents } from '../pass-events.ts';
import { freezeText } from '../print/suspensions-text.ts';
import { joinedNames } from '../source/joined-source-reports.ts';
import { wireJoinedSources } from '../source/wire-joined-sources.ts';
import { wireSource } from '../source/wire-source.ts';
import { wireTargets } from '../wire.ts';
import { shellWord } from '../output/shell-word.ts';

/** Options of `freeze`. */
export interface FreezeFlags {
  readonly reason: string;
  readonly until?: string;
}

/** `freeze X`: nothing is changed for this user at any target until `unfreeze`, or until a date. */
export async function freezeCommand(context: Context, text: string, flags: FreezeFlags): Promise<ExitCode> {
  const { config, operator, console } = context;
  const zone = config.source.users.timezone;
  const until = parseUntil(flags.until, zone, realClock.now());
  const message = await withStateBeside(context, async (store) => {
    const user = await findUser(context, store, text);
    return store.command(async ({ suspensions, journal, notices }) => {
      const at = realClock.now();
      await suspensions.endFreezes(at);
      const earlier = suspensions.freezes().find(({ key }) => key === user.key);
      const freeze: Freeze = {
        ...{ ...user, begun: { at, operator, host: hostname() } },
        ...{ reason: flags.reason, until },
      };
      if (earlier?.reason === freeze.reason && earlier.until === until)
        return `Already ${freezeText(earlier, zone)}. Nothing was changed.`;
      await suspensions.freeze(freeze);
      await notices.leave({ command: 'freeze', target: undefined }, at);
      const end = until === undefined ? '' : ` until ${describeMoment(until, zone)}`;
      const unfreeze = `scimsync unfreeze ${shellWord(user.key)}`;
      await journal.recordAction(actionBy(context, at, `froze user ${labelOf(freeze)}${end}: ${flags.reason}`));
      return (
        `User ${labelOf(freeze)} is frozen${end === '' ? `, until "${unfreeze}"` : end}. ` +
        'Nothing is changed for this user at any target; a user who leaves keeps the access.' +
        (earlier === undefined ? '' : ` Before: ${freezeText(earlier, zone)}.`)
      );
    });
  });
  console.out(message);
  return 0;
}

/** `unfreeze X`: the next pass carries out what waited. */
export async function unfreezeCommand(context: Context, text: string): Promise<ExitCode> {
  const { config, operator, console } = context;
  const zone = config.source.users.timezone;
  const message = await withStateBeside(context, async (store) => {
    const named = frozenByName(store, text);
    const user = named ?? (await findUser(context, store, text));
    return store.command(async ({ suspensions, journal, notices }) => {
      const at = realClock.now();
      await suspensions.endFreezes(at);
      const freeze = suspensions.freezes().find(({ key }) => key === user.key);
      if (freeze === undefined) return `User ${labelOf(user)} is not frozen. Nothing was changed.`;
      await suspensions.unfreeze(freeze.key, { at, operator, host: hostname() });
      await notices.leave({ command: 'unfreeze', target: undefined }, at);
      await journal.recordAction(actionBy(context, at, `unfroze user ${labelOf(freeze)}`));
      return `No longer ${freezeText(freeze, zone)}. The next pass carries out what waited.`;
    });
  });
  console.out(message);
  return 0;
}

type NamedUser = Pick<Freeze, 'key' | 'name'>;

const labelOf = ({ key, name }: NamedUser): string => (name === '' || name === key ? key : `${name} (${key})`);

/** The user who is frozen under this key or name; undefined: none, or several. */
function frozenByName({ suspensions }: StateView, text: string): NamedUser | undefined {
  const freezes = suspensions.freezes();
  const byKey = freezes.find(({ key }) => key === text);
  const byName = freezes.filter(({ name }) => name.toLowerCase() === text.toLowerCase());
  return byKey ?? (byName.length === 1 ? byName[0] : undefined);
}

/**
 * Finds a user in the state; one who is new in the source, by a reading that is not kept; and one whose account has no
 * owner. @throws OperatorError (exit code 1) that states what was searched
 */
async function findUser(context: Context, store: Store, text: string): Promise<NamedUser> {
  const targets = await targetsOf(context, store);
  const query = { resourceType: 'User', text } as const;
  try {
    return await requireNamed(context, store, targets, query);
  } catch (error) {
    if (!(error instanceof OperatorError) || error.code !== 'commandLine.subjectNotFound') throw error;
    const other = (await findInSource(context, targets, query)) ?? (await findOrphan(store, targets, text));
    if (other === undefined) throw error;
    return other;
  }
}

async function targetsOf({ config }: Context, store: StateView): Promise<readonly string[]> {
  const known = (await store.targets.all()).map(({ name }) => name);
  return [...new Set([...config.targets.map(({ name }) => name), ...known])];
}

async function requireNamed(
  { config }: Context,
  store: StateView,
  targets: readonly string[],
  query: SubjectQuery,
): Promise<NamedUser> {
  // A target that the state does not know has no account. To open it would add it.
  const known = (await store.targets.all()).map(({ name }) => name);
  const data = await subjectDataOf(store, known, {
    specs: wireTargets(config),
    joinedSources: joinedNames(config),
  });
  const { key, record } = await requireSubject(data, targets, query);
  const names = targets.flatMap((target) => data.known(target, 'User', key)?.body['userName'] ?? []);
  const name = names[0] ?? nameOfRecord(record);
  return { key, name: typeof name === 'string' ? name : key };
}

/** Plans on a copy of the state. A failure of the source is no answer: the state has been searched. */
async function findInSource(
  context: Context,
  targets: readonly string[],
  query: SubjectQuery,
): Promise<NamedUser | undefined> {
  const { config, stop } = context;
  const options = passOptions(context, { only: undefined, full: false });
  try {
    return await withCopy(context, ({ store, isRunning }) => {
      const io = {
        ...{ store, source: wireSource(config), joinedSources: wireJoinedSources(config), clock: realClock },
        ...{ targets: wireTargets(config), emit: logEvents(context, { isRunning }) },
      };
      return plan(io, options, (_, tx) => requireNamed(context, tx, targets, query), stop);
    });
  } catch (error) {
    if (error instanceof OperatorError && error.code !== 'commandLine.subjectAmbiguous') return undefined;
    throw error;
  }
}

async function findOrphan(store: StateView, targets: readonly string[], text: string): Promise<NamedUser | undefined> {
  const found = new Map<SourceKey, NamedUser>();
  for (const target of targets)
    for (const { externalId, userName } of await (await store.target(target)).orphans.find(text))
      if (externalId !== '') found.set(sourceKey(externalId), { key: sourceKey(externalId), name: userName });
  return found.size === 1 ? [...found.values()][0] : undefined;
}
