import type { Config } from '../../config/config.ts';
import type { Instant } from '../../model/ids.ts';
import { needsPerson } from '../../page/facts/finding.ts';
import type { TenantFacts } from '../../page/facts/page-facts.ts';
import { openView } from '../context.ts';
import { readStatus, type Status } from './read-status.ts';

/** A tenant before its state is read. */
interface KnownTenant {
  readonly name: string;
  /** Undefined: it does not run. */
  readonly config: Config | undefined;
  readonly problem: string | undefined;
}

/** Lines of one tenant in a list of all of them. */
const maxLines = 5;

/** Reads how a tenant is. A state that cannot be read is a problem of this tenant only. */
export async function readTenantFacts({ name, config, problem }: KnownTenant, now: Instant): Promise<TenantFacts> {
  const unknown: TenantFacts = {
    ...{ name, problem, isRunning: config !== undefined, targets: config?.targets.length ?? 0 },
    ...{ pass: undefined, urgent: [] },
  };
  if (config === undefined) return unknown;
  try {
    const view = openView(config);
    if (view === undefined) return unknown;
    try {
      const status = await readStatus(view, config, now);
      return { ...unknown, pass: passOf(status), urgent: urgentLines(status) };
    } finally {
      view.close();
    }
  } catch (error) {
    return { ...unknown, problem: problem ?? (error instanceof Error ? error.message : String(error)) };
  }
}

const passOf = ({ pass, holder }: Status): TenantFacts['pass'] =>
  pass && { at: pass.started, sentence: pass.result ?? (holder === undefined ? 'interrupted' : 'running') };

function urgentLines({ source, upkeep, targets }: Status): readonly string[] {
  const lines = [
    ...[...source, ...upkeep].filter(needsPerson).map(({ text }) => text),
    ...targets.flatMap(({ status: { name }, findings }) =>
      findings.filter(needsPerson).map(({ text }) => (text.includes(name) ? text : `${name}: ${text}`)),
    ),
  ];
  const more = lines.length - maxLines;
  return more > 1 ? [...lines.slice(0, maxLines), `and ${more} more`] : lines;
}
