import { writeFileSync } from 'node:fs';
import { OperatorError } from '../../../model/errors.ts';
import { formatTime } from '../../../model/time.ts';
import { deriveEvidence } from '../../../sync/evidence/derive-evidence.ts';
import { userFacts } from '../../../sync/evidence/user-facts.ts';
import { findKnownSubject, journalNameOf, requireView } from '../../audit/journal-subject.ts';
import { realClock } from '../../clock.ts';
import { openView, stateName, type Context, type ExitCode } from '../../context.ts';
import { packageVersion } from '../../package-folder.ts';
import { evidenceHtml } from '../../print/audit/evidence-html.ts';
import { evidenceAsJson, evidenceSections } from '../../print/audit/evidence-text.ts';
import { wireTargets } from '../../wire.ts';

/** Options of `evidence`. `html`: a file; true: standard output. */
export interface EvidenceFlags {
  readonly user: string;
  readonly target: readonly string[];
  readonly html?: string | true;
  readonly json: boolean;
}

/**
 * `evidence`: the proof of how a person lost access, from the state alone: no source and no target is asked.
 *
 * @returns 0 if all access is closed and was shown to be, 1 if something is open
 */
export async function evidenceCommand(context: Context, flags: EvidenceFlags): Promise<ExitCode> {
  const { config, console } = context;
  const opened = openView(config);
  try {
    const view = requireView(opened, config, 'User');
    const subject = await findKnownSubject(view, config, { resourceType: 'User', text: flags.user });
    const only = flags.target.length === 0 ? undefined : flags.target.map((name) => journalNameOf(name, config, view));
    const evidence = deriveEvidence(await userFacts(view, wireTargets(config), subject, only));
    const sections = evidenceSections(evidence, config.source.users.timezone);
    if (flags.html !== undefined) {
      const made = `Made at ${formatTime(realClock.now())} by scimsync ${packageVersion()} from ${stateName(context)}`;
      printPage(context, evidenceHtml(sections, made), flags.html);
    } else if (flags.json) console.out(JSON.stringify(evidenceAsJson(evidence)));
    else
      for (const { title, lines } of sections) {
        console.out(title);
        for (const line of lines) console.out(`  ${line}`);
      }
    return evidence.isClosed ? 0 : 1;
  } finally {
    opened?.close();
  }
}

/** @throws OperatorError if the file cannot be written */
function printPage({ console, redact }: Context, page: string, file: string | true): void {
  if (file === true) {
    for (const line of page.trimEnd().split('\n')) console.out(line);
    return;
  }
  try {
    writeFileSync(file, redact(page), { mode: 0o600 });
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new OperatorError('commandLine.fileNotWritten', `the page cannot be written: ${reason}`, 1, { cause });
  }
  console.err(`The evidence is in ${file}.`);
}
