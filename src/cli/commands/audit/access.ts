import { OperatorError } from '../../../model/errors.ts';
import type { Instant, SourceKey } from '../../../model/ids.ts';
import { formatTime } from '../../../model/time.ts';
import type { ReadOnlyStore } from '../../../store/read-only-store.ts';
import { accessAt, accessNow } from '../../../sync/evidence/access-at.ts';
import { findKnownSubject, journalNameOf, requireView } from '../../audit/journal-subject.ts';
import { realClock } from '../../clock.ts';
import { openView, type Context, type ExitCode } from '../../context.ts';
import { subjectOfFlags, type SubjectFlags } from '../../program/selection-flags.ts';
import { parseEnd } from '../../period.ts';
import { accessColumns, accessLine, accessRecord, accessText, type AccessRow } from '../../print/audit/access-text.ts';
import { createRowPrinter, type FormatFlags } from '../../print/row-printer.ts';

/** Options of `access`. */
export interface AccessFlags extends SubjectFlags, FormatFlags {
  readonly target: readonly string[];
  readonly at?: string | undefined;
}

/** `access`: who has, or had, which accounts and memberships, as far as scimsync knows. */
export async function accessCommand({ config, console }: Context, flags: AccessFlags): Promise<ExitCode> {
  const query = subjectOfFlags(flags);
  const at = parseEnd('--at', flags.at);
  const opened = openView(config);
  const printer = createRowPrinter(console, flags, { columns: accessColumns, none: 'No account matches.' });
  try {
    const view = requireView(opened, config, query?.resourceType ?? 'User');
    if (at !== undefined) requireKnownTime(view, at);
    const subject = query === undefined ? undefined : await findKnownSubject(view, config, query);
    const names = flags.target.map((name) => journalNameOf(name, config, view));
    const only =
      subject === undefined ? {} : query?.resourceType === 'User' ? { user: subject.key } : { group: subject.key };
    for (const target of view.knownTargets())
      if (names.length === 0 || names.includes(target.name))
        for (const row of accessOf(view, target, only, at))
          await printer.print({
            text: () => [accessText(row)],
            json: () => [accessLine(row)],
            csv: () => [accessRecord(row)],
          });
  } finally {
    opened?.close();
  }
  printer.end();
  return 0;
}

function* accessOf(
  { audit: view }: Pick<ReadOnlyStore, 'audit'>,
  { name: target, forgottenAt }: { readonly name: string; readonly forgottenAt: Instant | undefined },
  only: { readonly user?: SourceKey; readonly group?: SourceKey },
  at: Instant | undefined,
): Iterable<AccessRow> {
  const groups = new Map<SourceKey, ReturnType<ReadOnlyStore['audit']['group']>>();
  const groupOf = (key: SourceKey): ReturnType<ReadOnlyStore['audit']['group']> => {
    const group = groups.get(key) ?? view.group(target, key);
    groups.set(key, group);
    return group;
  };
  const past = { forgottenAt, groupDeletions: (key: SourceKey) => groupOf(key).deletedAt };
  for (const user of view.users(target, only)) {
    const record = view.access(target, user);
    const access = at === undefined ? accessNow(record) : accessAt(record, at, past);
    if (access === undefined || (only.group !== undefined && !access.groups.includes(only.group))) continue;
    yield {
      ...{ at, target, key: user, name: record.name, account: access.account },
      groups: access.groups.map((key) => ({ key, name: groupOf(key).name })),
      body: at === undefined ? record.now?.body : undefined,
    };
  }
}

/** @throws OperatorError for a time that the journal does not cover */
function requireKnownTime(view: ReadOnlyStore, at: Instant): void {
  const begin = view.audit.journalBegin();
  const refuse = (message: string): OperatorError => new OperatorError('commandLine.timeNotCovered', message, 4);
  if (at > realClock.now())
    throw refuse(`--at ${formatTime(at)} is in the future; "scimsync plan --at" shows what is due`);
  if (begin === undefined) throw refuse('no pass has run, so no access of the past is known');
  if (at < begin)
    throw refuse(
      `the journal has all operations since ${formatTime(begin)}, and lacks earlier ones (history.keepDays); ` +
        'name a later time',
    );
}
