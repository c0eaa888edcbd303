import type { ResourceType } from '../../model/resource-type.ts';
import type { ComparisonStep, Finding } from '../../sync/comparison/compare-with-target.ts';
import type { Colors, Console } from '../console.ts';
import { grouped, plural } from './format.ts';
import { orphanLines } from './orphans-text.ts';

/** A long comparison shows this number of each kind; `--json` prints all. */
const maxShownPerKind = 10;

/** Prints the comparison as JSON lines. @returns whether all lists were complete */
export async function showFindingsAsJson(
  target: string,
  steps: AsyncIterable<ComparisonStep>,
  console: Console,
): Promise<boolean> {
  let isComplete = true;
  for await (const step of steps) {
    if (step.type === 'listing') {
      const { found, complete, detail = null } = step.result;
      isComplete &&= complete;
      console.out(JSON.stringify({ type: 'listing', target, resource: step.resourceType, found, complete, detail }));
    } else if (step.type === 'orphans') console.out(JSON.stringify({ type: 'orphans', target, ...step.counts }));
    else {
      const { kind: finding, resourceType: resource, key, name, detail } = step.finding;
      console.out(JSON.stringify({ type: 'finding', target, finding, resource, key, name, detail }));
    }
  }
  return isComplete;
}

/** Prints the comparison as sentences. @returns whether all lists were complete */
export async function showFindingsAsText(
  target: string,
  steps: AsyncIterable<ComparisonStep>,
  console: Console,
): Promise<boolean> {
  const { colors } = console;
  let isComplete = true;
  const counts = new Map<Finding['kind'], number>();
  const showOmitted = (): void => {
    for (const [kind, count] of counts)
      if (count > maxShownPerKind)
        console.out(colors.dim(`    … and ${omittedText(count, labels[kind])} (all of them with --json)`));
    counts.clear();
  };
  for await (const step of steps) {
    if (step.type === 'finding') {
      const { finding } = step;
      const count = (counts.get(finding.kind) ?? 0) + 1;
      counts.set(finding.kind, count);
      if (count <= maxShownPerKind) console.out(findingText(finding, colors));
      continue;
    }
    showOmitted();
    if (step.type === 'orphans') {
      for (const line of orphanLines(target, step.counts)) console.out(colors.yellow(`  ${line}`));
      continue;
    }
    const { found, complete, detail = 'no reason is known' } = step.result;
    isComplete &&= complete;
    const listed = resourceText(step.resourceType, found);
    if (complete) console.out(colors.bold(`${target}: compared with its list of ${listed}`));
    else console.out(colors.red(incompleteText(target, step.resourceType, found, detail)));
  }
  showOmitted();
  console.out('');
  return isComplete;
}

const omittedText = (count: number, label: string): string => `${grouped(count - maxShownPerKind)} more: ${label}`;

const labels: Readonly<Record<Finding['kind'], string>> = {
  adopt: 'adopt',
  conflict: 'conflict',
  leaver: 'open account',
  missing: 'missing',
  orphan: 'orphan',
};

function findingText({ kind, resourceType, key, name, detail }: Finding, colors: Colors): string {
  const who = `${resourceType === 'User' ? 'user' : 'group'} ${name === '' || name === key ? key : `${name} (${key})`}`;
  const line = `  ${labels[kind]}: ${who}: ${detail}`;
  return kind === 'adopt'
    ? colors.green(line)
    : kind === 'missing' || kind === 'orphan'
      ? colors.yellow(line)
      : colors.red(line);
}

function incompleteText(target: string, resourceType: ResourceType, found: number, detail: string): string {
  const noun = resourceType === 'User' ? 'users' : 'groups';
  return found === 0
    ? `${target}: its ${noun} cannot be listed, so the plan was not compared with them: ${detail}`
    : `${target}: its list is not complete after ${resourceText(resourceType, found)}, so findings may be absent, ` +
        `and missing accounts are not shown: ${detail}`;
}

const resourceText = (resourceType: ResourceType, count: number): string =>
  plural(count, resourceType === 'User' ? 'user' : 'group');
