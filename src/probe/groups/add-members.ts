import type { Profile } from '../../model/profile.ts';
import { decide, errorSummary } from '../../scim/judge/judge-response.ts';
import { failureText, finding, undecided } from '../finding.ts';
import type { Canary } from '../ledger.ts';
import type { ProbeSession } from '../session.ts';
import { createGroupMembers, discoverGroupMembers, type GroupMembers } from './group-members.ts';

const topic = 'members';

type AddForm = Exclude<Profile['protocol']['addMembers'], 'replace'>;

/** A form of "add" that the target accepts. */
interface AcceptedAdd {
  readonly form: AddForm;
  readonly groupMembers: GroupMembers;
  /** `replaces`: it removes the other members. `notVisible`: reads do not return members. */
  readonly effect: 'works' | 'replaces' | 'notVisible';
}

const bestFirst: readonly AcceptedAdd['effect'][] = ['works', 'replaces', 'notVisible'];

/**
 * Tests the forms of "add": each one adds a member to an empty group, and another one to the group with that member.
 *
 * @returns undefined if no form has an effect
 */
export async function probeAddForms(
  session: ProbeSession,
  canary: Canary,
  first: string,
  second: string | undefined,
): Promise<GroupMembers | undefined> {
  const accepted: AcceptedAdd[] = [];
  for (const form of ['list', 'object', 'noPath'] as const) {
    const visible = accepted.find(({ effect }) => effect !== 'notVisible')?.groupMembers;
    if (visible !== undefined) await removeByAnyForm(visible, [first, ...(second === undefined ? [] : [second])]);
    accepted.push(...(await tryAdd(session, canary, form, first, second, visible)));
  }
  if (!accepted.some(({ effect }) => effect !== 'notVisible'))
    accepted.push(...(await tryAddWithSubAttributes(session, canary, first)));
  const best = bestFirst.flatMap((effect) => accepted.find((each) => each.effect === effect) ?? [])[0];
  if (best?.effect === 'replaces')
    return second === undefined ? undefined : probeReplace(session, canary, best.groupMembers, [first, second]);
  if (best !== undefined && best.form !== session.findings.profile().protocol.addMembers)
    session.findings.add(
      finding(topic, `the profile adds members in the form ${best.form}`, {
        protocol: { addMembers: best.form },
      }),
    );
  return best?.groupMembers;
}

/** @returns undefined if the target does not support `replace` of the complete list either */
async function probeReplace(
  session: ProbeSession,
  canary: Canary,
  { query, replace, verify }: GroupMembers,
  [first, second]: readonly [string, string],
): Promise<GroupMembers | undefined> {
  const response = await replace([first, second]);
  const isComplete = decide(response) === 'accept' && (await verify([first, second])) === true;
  const isExact =
    isComplete && decide(await replace([second])) === 'accept' && (await verify([second], [first])) === true;
  if (!isExact) {
    session.findings.add(finding(topic, `replace of all members: ${failureText(response)}`));
    return undefined;
  }
  session.findings.add(
    finding(topic, 'the profile writes all members by one replace, since add removes the others', {
      protocol: { addMembers: 'replace' },
    }),
  );
  return createGroupMembers(session, canary, query, 'replace');
}

/** @returns one element, or none if the target refuses or ignores this form */
async function tryAdd(
  session: ProbeSession,
  canary: Canary,
  form: AddForm,
  first: string,
  second: string | undefined,
  knownMembers: GroupMembers | undefined,
): Promise<readonly AcceptedAdd[]> {
  const style = { addMembers: form, memberSubAttributes: [] };
  const response = await createGroupMembers(session, canary, undefined, 'patch').patch({ add: [first] }, style);
  if (decide(response) !== 'accept') {
    session.findings.add(finding(topic, `add in the form ${form}: refused, ${errorSummary(response)}`));
    return [];
  }
  const groupMembers = knownMembers ?? (await discoverGroupMembers(session, canary, first, 'patch'));
  const isAdded = await groupMembers.verify([first]);
  const note = (effect: string): void => session.findings.add(finding(topic, `add in the form ${form}: ${effect}`));
  if (isAdded === undefined) {
    note(`answered ${response.status}, the effect is not visible`);
    return [{ form, groupMembers, effect: 'notVisible' }];
  }
  if (!isAdded) {
    note(failureText(response));
    return [];
  }
  const keeps = second === undefined ? undefined : await keepsOthers(groupMembers, style, first, second);
  if (keeps === false) {
    note(`answered ${response.status}, but it removes the other members`);
    return [{ form, groupMembers, effect: 'replaces' }];
  }
  note(`works (${response.status})`);
  if (keeps === undefined)
    session.findings.add(
      undecided(topic, `whether add in the form ${form} keeps the other members was not seen: use two users or more`),
    );
  return [{ form, groupMembers, effect: 'works' }];
}

/**
 * Adds another member to the group with the first one.
 * @returns whether both are members; undefined if the second one was not added
 */
async function keepsOthers(
  groupMembers: GroupMembers,
  style: Parameters<GroupMembers['patch']>[1],
  first: string,
  second: string,
): Promise<boolean | undefined> {
  const response = await groupMembers.patch({ add: [second] }, style);
  if (decide(response) !== 'accept' || (await groupMembers.verify([second])) !== true) return undefined;
  return groupMembers.verify([first, second]);
}

/** Some targets ignore members without `type` and `display`. */
async function tryAddWithSubAttributes(
  session: ProbeSession,
  canary: Canary,
  id: string,
): Promise<readonly AcceptedAdd[]> {
  const memberSubAttributes = ['display', 'type'] as const;
  const response = await createGroupMembers(session, canary, undefined, 'patch').patch(
    { add: [id] },
    { addMembers: 'list', memberSubAttributes },
  );
  if (decide(response) !== 'accept') return [];
  const groupMembers = await discoverGroupMembers(session, canary, id, 'patch');
  if ((await groupMembers.verify([id])) !== true) return [];
  session.findings.add(
    finding(topic, 'members are added only with type and display', { protocol: { memberSubAttributes } }),
  );
  return [{ form: 'list', groupMembers, effect: 'works' }];
}

/** Removes members by any form that works, so that the next test starts with an empty group. */
async function removeByAnyForm(groupMembers: GroupMembers, ids: readonly string[]): Promise<void> {
  for (const id of ids) {
    for (const form of ['filter', 'list'] as const) {
      await groupMembers.patch({ remove: [id] }, { removeMembers: form });
      if ((await groupMembers.read())?.includes(id) !== true) break;
    }
  }
}
