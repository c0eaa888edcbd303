import type { Counts, Hold } from '../../model/plan.ts';
import { formatTime } from '../../model/time.ts';
import type { PassRow } from '../../store/journal/passes.ts';
import { openView, type Context, type ExitCode } from '../context.ts';
import { approvalAsJson, approvalText } from '../print/approval-text.ts';
import { countsText } from '../print/format.ts';
import { parseSince } from '../since.ts';

/** Options of `passes`. */
export interface PassesFlags {
  readonly since: string | undefined;
  readonly json: boolean;
}

/** `passes`: what each pass did at each target, and the approvals that it used. */
export async function passesCommand({ config, console }: Context, flags: PassesFlags): Promise<ExitCode> {
  const since = parseSince(flags.since);
  const view = openView(config);
  let shown = 0;
  try {
    for (const pass of view?.passes(since) ?? []) {
      shown += 1;
      if (flags.json) console.out(JSON.stringify(passLine(pass)));
      else for (const line of passText(pass)) console.out(line);
    }
  } finally {
    view?.close();
  }
  if (shown === 0 && !flags.json) console.out('No pass has run.');
  return 0;
}

/** The part of a stored summary that `passes` shows; a summary of an older version may lack some of it. */
interface StoredSummary {
  readonly counts?: Counts;
  readonly held?: Pick<Hold, 'reasons'> | null;
  readonly succeeded?: number;
  readonly failed?: number;
  readonly heldOperations?: number;
  readonly skipped?: number;
  readonly firstLoad?: number;
}

function passLine(pass: PassRow): Readonly<Record<string, unknown>> {
  return {
    type: 'pass',
    pass: pass.pass,
    command: pass.command,
    started: formatTime(pass.started),
    ended: pass.ended === undefined ? null : formatTime(pass.ended),
    result: pass.result ?? null,
    note: pass.note ?? null,
    targets: pass.targets.map(({ target, summary }) => {
      const { counts, succeeded, failed, heldOperations, skipped, firstLoad } = summary as StoredSummary;
      return {
        ...{ target, counts: counts ?? null, succeeded: succeeded ?? 0, failed: failed ?? 0 },
        ...{ held: heldOperations ?? 0, skipped: skipped ?? 0, firstLoad: firstLoad ?? null },
      };
    }),
    approvals: pass.approvals.map(approvalAsJson),
  };
}

function passText(pass: PassRow): readonly string[] {
  const note = pass.note === undefined ? '' : `: ${pass.note}`;
  return [
    `pass ${pass.pass}  ${formatTime(pass.started)}  "scimsync ${pass.command}", ${pass.result ?? 'running'}${note}`,
    ...pass.targets.map(({ target, summary }) => `  ${target}: ${summaryText(summary as StoredSummary)}`),
    ...pass.approvals.map((approval) => `  ${approvalText(approval)}`),
  ];
}

function summaryText({ counts, succeeded = 0, failed = 0, heldOperations = 0 }: StoredSummary): string {
  return [
    ...(counts === undefined ? [] : [countsText(counts)]),
    `${succeeded} done`,
    ...(failed === 0 ? [] : [`${failed} failed`]),
    ...(heldOperations === 0 ? [] : [`${heldOperations} held`]),
  ].join('; ');
}
