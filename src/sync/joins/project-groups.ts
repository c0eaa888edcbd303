import { compileGroupName, type GroupName } from '../../desired/groups/group-name.ts';
import type { SourceRecord } from '../../model/record.ts';
import type { Columns } from '../../source/source.ts';
import type { ChangedRecord, JoinedSource, MirrorView } from '../../store/store.ts';
import type { JoinedSourceSpec, SourceSpec } from '../context.ts';

const pageSize = 1000;

/** What the groups of a joined source become groups of the company with. */
export interface ProjectionInput {
  readonly mirror: MirrorView;
  readonly primary: Pick<SourceSpec, 'groupName'>;
  readonly spec: Pick<JoinedSourceSpec, 'name' | 'groupName' | 'hasGroups' | 'isRequired'>;
  readonly joined: JoinedSource;
}

/** The name of a group in a source with these columns. */
export const groupNameIn = (
  { groups, mapping }: Pick<Columns, 'groups' | 'mapping'>,
  { groupName }: Pick<SourceSpec, 'groupName'>,
): GroupName => compileGroupName({ columns: groups, mapping: mapping?.group }, groupName);

/** The attribute that each group of a joined source has: its name. */
export const nameAttribute = 'name';

/**
 * Writes the groups of a joined source to the mirror of the primary source, after an accepted reading. Only what
 * changed since the last time is written, unless groups get their names otherwise now.
 *
 * @param usedAttributes the attributes of groups that the reading kept; undefined: all
 */
export async function projectGroups(
  input: ProjectionInput,
  usedAttributes: ReadonlySet<string> | undefined,
): Promise<void> {
  const { joined, mirror, spec, primary } = input;
  const reading = await joined.mirror.last();
  const columns = (await mirror.last())?.columns ?? noColumns;
  const name = groupNameIn(reading?.columns ?? noColumns, spec);
  const attributesOfNames = [...(groupNameIn(columns, primary).usedAttributes ?? []), nameAttribute];
  const earlier = joined.state().groups;
  const signature =
    spec.hasGroups === true ? JSON.stringify([name.text, attributesOfNames.sort(), spec.isRequired === true]) : '';
  const since = earlier.signature === signature ? earlier.reading : 0;
  const projection = joined.openGroups(keepsMemberships(spec));
  for (let after = 0; ;) {
    const { page, next } = projection.changedGroups(since, after, pageSize);
    if (next === undefined) break;
    projection.saveGroups(page.map((group) => forRules(group, spec.name, name, attributesOfNames)));
    after = next;
  }
  projection.saveMemberships(since);
  projection.finish();
  joined.saveGroupState({
    reading: reading?.number ?? 0,
    signature,
    usedAttributes: usedAttributes === undefined ? undefined : [...usedAttributes],
  });
}

/** The memberships of users who were joined with the last accepted reading, while no reading is accepted. */
export function projectNewMembers({ joined, spec }: Pick<ProjectionInput, 'joined' | 'spec'>): void {
  const { reading, signature } = joined.state().groups;
  if (signature === '' || reading === 0) return;
  const projection = joined.openGroups(keepsMemberships(spec));
  projection.saveMemberships(reading);
  projection.finish();
}

const noColumns: Columns = { users: [], groups: [] };

/**
 * It is in doubt which record belongs to an ambiguous user. A user without a required record is left as it is
 * altogether.
 */
const keepsMemberships = ({ isRequired }: ProjectionInput['spec']): readonly ('ambiguous' | 'missing')[] =>
  isRequired === true ? ['ambiguous', 'missing'] : ['ambiguous'];

/**
 * A group with what the rules of targets read besides its own attributes: the name of its source, and its own name in
 * the attributes that groups of the primary source have it in.
 */
function forRules(
  group: ChangedRecord,
  source: string,
  name: GroupName,
  attributesOfNames: readonly string[],
): ChangedRecord {
  const { key, attributes } = group;
  if (attributes === undefined) return group;
  const record: SourceRecord = { resourceType: 'Group', key, active: true, attributes };
  const names = Object.fromEntries(attributesOfNames.map((attribute) => [attribute, [name.of(record)]]));
  return { key, attributes: { ...names, source: [source], ...attributes } };
}
