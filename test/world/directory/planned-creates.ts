import { operationLines } from '../fixture.ts';
import type { JsonLine, CliResult } from '../cli-workspace.ts';

type Body = Readonly<Record<string, unknown>>;

/** What a plan would create: name → path → value. */
export function plannedCreates(run: CliResult, resource: 'User' | 'Group' = 'User'): Readonly<Record<string, Body>> {
  const lines = operationLines(run).filter((line) => line['action'] === 'create' && line['resource'] === resource);
  return Object.fromEntries(lines.map((line) => [String(line['name']), bodyOf(line)]));
}

function bodyOf(line: JsonLine): Body {
  return Object.fromEntries((line['changes'] as { path: string; to: unknown }[]).map(({ path, to }) => [path, to]));
}
