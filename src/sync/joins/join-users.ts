import type { JoinValue as CompiledValue } from '../../desired/joins/join-value.ts';
import { keyInForm } from '../../model/reading/key-form.ts';
import type { ChangedRecord, JoinedSource, JoinSide, JoinValue, LostJoins, MirrorView } from '../../store/store.ts';
import type { UsedAttributes } from '../../source/source.ts';
import type { JoinedSourceSpec, SourceSpec } from '../context.ts';
import { projectGroups, projectNewMembers, type ProjectionInput } from './project-groups.ts';

const pageSize = 1000;

/** What joining users with a source needs. */
export interface JoinInput extends ProjectionInput {
  readonly mirror: MirrorView;
  readonly primary: Pick<SourceSpec, 'keyForm' | 'groupName'>;
  readonly spec: ProjectionInput['spec'] & Pick<JoinedSourceSpec, 'on' | 'equals' | 'joinForm'>;
  readonly joined: JoinedSource;
}

/**
 * Joins users after an accepted reading of the joined source. Only what changed in one of the two sources since the
 * last time is compared:
 *
 *     a user has another value              this user, and the users with the old or the new value
 *     a joined record or its value changed  the users with the old or the new value
 *
 * Users whose joined record changed become candidates at every target.
 *
 * @returns how many users lost their record; undefined: the settings of the join changed
 */
export async function joinUsers(input: JoinInput, { users, groups }: UsedAttributes): Promise<LostJoins | undefined> {
  const { joined, mirror, spec } = input;
  const state = joined.state();
  const signature = signatureOf(input);
  const isSame = state.signature === signature;
  if (!isSame) joined.forgetValues();
  forEachPage(joined, 'joined', isSame ? state.joinedReading : 0, (page) => {
    joined.saveValues('joined', valuesOf(page, spec.on, spec));
  });
  forEachPage(joined, 'primary', isSame ? state.primaryReading : 0, (page) => {
    joined.saveValues('primary', valuesOf(page, spec.equals, spec));
  });
  const losses = joined.join();
  joined.saveUsable(true);
  joined.saveJoined({
    primaryReading: (await mirror.last())?.number ?? 0,
    joinedReading: (await joined.mirror.last())?.number ?? 0,
    signature,
    usedAttributes: users === undefined ? undefined : [...users],
  });
  await projectGroups(input, groups);
  return isSame ? losses : undefined;
}

/**
 * Joins users while no reading of the source is accepted: what users have stays, and new users are joined if the last
 * accepted reading has their record. The others wait: only a complete reading proves that they have none.
 */
export async function joinNewUsers(input: JoinInput, { users, groups }: UsedAttributes): Promise<void> {
  const { joined, spec } = input;
  const state = joined.state();
  const hasReading = (await joined.mirror.last()) !== undefined;
  if (hasReading && state.signature === signatureOf(input)) {
    forEachPage(joined, 'primary', state.primaryReading, (page) => {
      joined.saveNewValues(valuesOf(page, spec.equals, spec));
    });
    joined.joinNew();
    projectNewMembers(input);
  }
  const hasGroups = spec.hasGroups !== true || state.groups.signature !== '';
  joined.saveUsable(
    hasGroups && hasAttributes(state.usedAttributes, users) && hasAttributes(state.groups.usedAttributes, groups),
  );
}

/** Whether the last accepted reading kept the attributes that are used now. */
const hasAttributes = (kept: readonly string[] | undefined, used: ReadonlySet<string> | undefined): boolean =>
  kept === undefined || (used !== undefined && [...used].every((name) => kept.includes(name)));

/** Another signature joins all users again. */
const signatureOf = ({ primary: { keyForm = [] }, spec: { on, equals, joinForm } }: JoinInput): string =>
  JSON.stringify([on.text, equals.text, [...joinForm].sort(), [...keyForm].sort()]);

function forEachPage(
  joined: JoinedSource,
  side: JoinSide,
  since: number,
  visit: (page: readonly ChangedRecord[]) => void,
): void {
  for (let after = 0; ;) {
    const { page, next } = joined.changed(side, since, after, pageSize);
    if (next === undefined) return;
    visit(page);
    after = next;
  }
}

const valuesOf = (
  records: readonly ChangedRecord[],
  value: CompiledValue,
  { joinForm }: Pick<JoinedSourceSpec, 'joinForm'>,
): readonly JoinValue[] =>
  records.map(({ key, attributes }) => {
    if (attributes === undefined) return { key, isRemoved: true, value: undefined };
    const text = value.evaluate(attributes);
    return { key, isRemoved: false, value: text === undefined ? undefined : keyInForm(text, joinForm) };
  });
