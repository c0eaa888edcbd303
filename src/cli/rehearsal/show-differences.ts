import { resourceTypes, type ResourceType } from '../../model/resource-type.ts';
import type { Resource, Sandbox } from '../../sandbox/sandbox.ts';
import type { Console } from '../console.ts';
import { grouped } from '../print/format.ts';
import { differences, nameOf, type Difference } from './differences.ts';
import { differenceLine, differenceText, maxShown } from './rehearsal-text.ts';

/** The resources of a double at one moment, by id. */
export type Held = Readonly<Record<ResourceType, ReadonlyMap<string, Resource>>>;

/** What a double holds now. Later changes do not reach it. */
export const heldBy = ({ stored }: Pick<Sandbox, 'stored'>): Held => {
  const byId = (resourceType: ResourceType): ReadonlyMap<string, Resource> =>
    new Map([...stored(resourceType)].map((resource) => [resource.id, resource]));
  return { User: byId('User'), Group: byId('Group') };
};

/** Shows what a double holds in difference to before. A long list is cut for a person, and complete with `json`. */
export function showDifferences(
  { out, colors }: Console,
  target: string,
  { before, after, json }: { readonly before: Held; readonly after: Held; readonly json: boolean },
): void {
  const nameOfId = namesIn([after.User, after.Group, before.User, before.Group]);
  const counts = new Map<string, number>();
  for (const resourceType of resourceTypes)
    for (const found of differences(resourceType, before[resourceType], after[resourceType])) {
      if (json) {
        out(JSON.stringify(differenceLine(target, found)));
        continue;
      }
      if (counts.size === 0) out(colors.bold(`${target}: the double has changed`));
      const kind = kindOf(found);
      const count = (counts.get(kind) ?? 0) + 1;
      counts.set(kind, count);
      if (count <= maxShown) out(`  ${differenceText(found, nameOfId)}`);
    }
  if (json) return;
  if (counts.size === 0) out(`${target}: the double has not changed`);
  for (const [kind, count] of counts)
    if (count > maxShown)
      out(colors.dim(`  … and ${grouped(count - maxShown)} more ${kind} (all of them with --json)`));
}

const kindOf = ({ kind, resourceType }: Difference): string =>
  `${kind} ${resourceType === 'User' ? 'users' : 'groups'}`;

/** The name of a user or group by its id: as it is now, or was before it was deleted. */
function namesIn(resources: readonly ReadonlyMap<string, Resource>[]): (id: string) => string | undefined {
  return (id) => {
    const found = resources.find((each) => each.has(id))?.get(id);
    const name = found === undefined ? '' : nameOf(found);
    return name === '' ? undefined : name;
  };
}
