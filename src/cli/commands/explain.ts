import type { Rules } from '../../desired/rules.ts';
import { OperatorError } from '../../model/errors.ts';
import { sourceKey, type SourceKey } from '../../model/ids.ts';
import type { Kind } from '../../model/kind.ts';
import type { SourceRecord } from '../../model/record.ts';
import type { Known } from '../../model/resource.ts';
import { isoTime } from '../../model/time.ts';
import { departureReason } from '../../plan/departure.ts';
import { describe } from '../../plan/describe.ts';
import { openView, type View } from '../../store/view.ts';
import type { TargetSpec } from '../../sync/spec.ts';
import { consider } from '../../sync/standing.ts';
import { checkTargets, type Context, type ExitCode } from '../context.ts';
import { wireTargets } from '../wire.ts';
import { realClock } from '../world.ts';

/** One person or group end to end: source record, scope, desired resource, what the target acknowledged, and what would be sent. Reads the state only. */
export async function explainCommand({ config, console }: Context, wanted: string, flags: { readonly target: string | undefined }): Promise<ExitCode> {
  const only = checkTargets(config, flags.target === undefined ? [] : [flags.target]);
  const view = openView(config.state);
  if (view === undefined) throw new OperatorError(`there is no state at ${config.state} yet, so nobody can be explained; make a pass first: "scimsync sync"`);
  try {
    const reading = await view.mirror.last();
    const specs = wireTargets(config).filter(({ name }) => only === undefined || only.includes(name));
    const found = await subjects(view, specs, wanted);
    if (found.length === 0) {
      throw new OperatorError(`nobody with the key, name or attribute value "${wanted}" stands in the source as it was last read (${reading === undefined ? 'never' : isoTime(reading.at)}), nor at a target`);
    }
    const columns = reading?.columns ?? { users: [], groups: [] };
    for (const subject of found) {
      showRecord(subject, await view.mirror.groupsOf(subject.key), console.out);
      for (const spec of specs) showTarget(view, spec, spec.rules(columns), subject, console.out);
    }
    return 0;
  } finally {
    view.close();
  }
}

interface Subject {
  readonly kind: Kind;
  readonly key: SourceKey;
  readonly record: SourceRecord | undefined;
}

/** Whom the operator means: by key or by any value in the source, or by a name that only a target still has. */
async function subjects(view: View, specs: readonly TargetSpec[], wanted: string): Promise<readonly Subject[]> {
  const records = await view.mirror.search(wanted);
  if (records.length > 0) return records.map((record) => ({ kind: record.kind, key: record.key, record }));
  const left = new Map<string, Subject>();
  for (const { name } of specs) {
    const snapshot = view.snapshot(name);
    for (const kind of ['User', 'Group'] as const) {
      const known = [snapshot?.known(kind, sourceKey(wanted)), ...(snapshot?.knownByName(kind, wanted.toLowerCase()) ?? [])];
      for (const one of known) if (one !== undefined) left.set(`${kind}:${one.key}`, { kind, key: one.key, record: await view.mirror.record(kind, one.key) });
    }
  }
  return [...left.values()];
}

function showRecord({ kind, key, record }: Subject, groups: readonly string[], out: (line: string) => void): void {
  out(`${kind === 'User' ? 'Person' : 'Group'} ${key}`);
  if (record === undefined) {
    out('  source: not there any more');
    return;
  }
  out(`  source: ${record.active ? 'active' : 'inactive'}`);
  for (const [name, values] of Object.entries(record.attributes)) out(`    ${name}: ${values.join(' | ')}`);
  if (groups.length > 0) out(`    member of: ${groups.join(', ')}`);
}

function showTarget(view: View, spec: TargetSpec, rules: Rules, subject: Subject, out: (line: string) => void): void {
  const { kind, key, record } = subject;
  const known = view.snapshot(spec.name)?.known(kind, key);
  out(`  at ${spec.name}`);
  if (record !== undefined) {
    const { scope, paths, notes } = rules.explain(record);
    out(`    scope: ${scope.inScope ? 'in' : 'out'}: ${scope.because}`);
    for (const { path, rule, from, value, absent } of paths) {
      out(`    ${path} = ${value === undefined ? `nothing (${absent ?? 'absent'})` : JSON.stringify(value)}   [${from}: ${rule}]`);
    }
    for (const note of notes) out(`    note: ${note}`);
  }
  showKnown(known, out);
  const considered = consider({ kind, key, record, known, uncertain: false, due: false }, rules, { leavers: spec.leavers, paths: rules.paths, foldsCase: spec.profile.holds.foldsCase }, realClock.now());
  for (const text of view.notes(spec.name, kind, key)) out(`    said before: ${text}`);
  out(`    would be sent: ${decision(considered)}`);
}

function showKnown(known: Known | undefined, out: (line: string) => void): void {
  if (known === undefined) {
    out('    acknowledged: nothing; no account of ours is there');
    return;
  }
  out(`    acknowledged: id ${known.remoteId}, ${known.origin}, ${known.active ? 'active' : `inactive since ${known.inactiveSince === undefined ? 'unknown' : isoTime(known.inactiveSince)}`}`);
  for (const [path, value] of Object.entries(known.body)) out(`      ${path}: ${JSON.stringify(value)}`);
}

function decision({ wish, operation, standing }: ReturnType<typeof consider>): string {
  if (standing === 'protected') return operation === undefined ? 'nothing; the account is protected' : `nothing; the account is protected, otherwise: ${describe(operation)}`;
  if (operation !== undefined) return `${describe(operation)}, because it ${operation.reason}`;
  if (wish.kind === 'rejected') return `nothing; the record cannot be sent: ${wish.reason}`;
  if (wish.kind === 'absent') return `nothing; the person ${departureReason(wish.because)}, and there is nothing to take away`;
  return 'nothing; the target acknowledged all of it';
}
