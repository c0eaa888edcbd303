import { closeSync, fsyncSync, openSync, renameSync, rmSync, statSync, writeSync } from 'node:fs';
import { redactor } from '../../config/secrets/secrets.ts';
import type { Config } from '../../config/config.ts';
import { OperatorError } from '../../model/errors.ts';
import { formatTime } from '../../model/time.ts';
import {
  planPageChange,
  planPageGroup,
  planPageGroupEnd,
  planPageHead,
  planPageTail,
  planPageTarget,
  planPageTargetEnd,
  type PlanPageChange,
} from '../../page/plan/plan-page.ts';
import type { JournalView } from '../../store/store.ts';
import type { PlannedPass } from '../../sync/plan-pass.ts';
import { holdId } from '../../sync/guard/plan-id.ts';
import { approveCommandLine } from '../print/audit/approval-text.ts';
import { operationLines } from '../print/json-lines.ts';
import { realClock } from '../clock.ts';

/** Text is written in pieces of this length, so that a plan of any size needs no more memory. */
const pieceLength = 64 * 1024;

/**
 * Writes a plan as a page, operation by operation. The file has its name only once it is complete.
 *
 * @throws OperatorError if the file cannot be written
 */
export async function writePlanPage(
  file: string,
  journal: JournalView,
  planned: PlannedPass & { readonly id: string },
  { secrets }: Pick<Config, 'secrets'>,
): Promise<void> {
  if (statSync(file, { throwIfNoEntry: false })?.isDirectory() === true)
    throw notWritable(file, 'it is a directory; name a file in it');
  const redact = redactor(secrets);
  const part = `${file}.${process.pid}.part`;
  try {
    const descriptor = openSync(part, 'w', 0o600);
    try {
      let waiting = '';
      for await (const piece of piecesOf(journal, planned)) {
        waiting += redact(piece);
        if (waiting.length < pieceLength) continue;
        writeAll(descriptor, waiting);
        waiting = '';
      }
      writeAll(descriptor, waiting);
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
    renameSync(part, file);
  } catch (error) {
    rmSync(part, { force: true });
    if ((error as NodeJS.ErrnoException).code === undefined) throw error;
    throw notWritable(file, (error as Error).message);
  }
}

function writeAll(descriptor: number, text: string): void {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length;) at += writeSync(descriptor, bytes, at);
}

const notWritable = (file: string, why: string): OperatorError =>
  new OperatorError('commandLine.folderNotWritable', `the page of the plan cannot be written to ${file}: ${why}`, 4);

async function* piecesOf(
  journal: JournalView,
  { pass, plans, id }: PlannedPass & { readonly id: string },
): AsyncIterable<string> {
  const targets = [];
  for (const { target, counts, verdict } of plans) {
    const hold = verdict.kind === 'hold' ? await holdId(journal, pass, target) : undefined;
    targets.push({
      ...{ target, counts, reasons: verdict.kind === 'hold' ? verdict.reasons : [] },
      command: hold === undefined ? undefined : approveCommandLine(hold),
    });
  }
  yield planPageHead({ id, at: formatTime(realClock.now()), targets });
  for (const { target } of plans) {
    let group: string | undefined;
    yield planPageTarget(target);
    for await (const { operation, state } of journal.allOperations(pass, target, 0))
      for (const line of operationLines(target, operation)) {
        const change = { ...(line as unknown as PlanPageChange), isHeld: state === 'held' };
        const next = `${change.action} ${change.resource}`;
        if (next !== group)
          yield (group === undefined ? '' : planPageGroupEnd) + planPageGroup(change.action, change.resource);
        group = next;
        yield planPageChange(change);
      }
    yield (group === undefined ? '' : planPageGroupEnd) + planPageTargetEnd;
  }
  yield planPageTail;
}
