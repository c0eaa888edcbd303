import { operations } from '../setup.ts';
import type { Line, Run } from '../scimsync.ts';

type Body = Readonly<Record<string, unknown>>;

/** What a plan would create: name → path → value. */
export function created(run: Run, resource: 'User' | 'Group' = 'User'): Readonly<Record<string, Body>> {
  const lines = operations(run).filter((line) => line['action'] === 'create' && line['resource'] === resource);
  return Object.fromEntries(lines.map((line) => [String(line['name']), bodyOf(line)]));
}

function bodyOf(line: Line): Body {
  return Object.fromEntries((line['changes'] as { path: string; to: unknown }[]).map(({ path, to }) => [path, to]));
}
