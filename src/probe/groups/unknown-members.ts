import { decide, errorSummary } from '../../scim/judge/judge-response.ts';
import { finding, type Finding } from '../finding.ts';
import type { ProbeSession } from '../session.ts';
import type { GroupMembers } from './group-members.ts';
import type { Response } from '../../scim/transport/message.ts';

const topic = 'unknown member';

/** What became of a member that is nobody. */
export type UnknownMemberEffect = 'refused' | 'dropped' | 'kept' | 'unseen';

/** @param deletedId id of a canary that was deleted: certainly nobody, and certainly of the right shape */
export async function probeUnknownMembers(
  session: ProbeSession,
  groupMembers: GroupMembers,
  deletedId: string,
  validId: string,
): Promise<void> {
  // A membership that outlived its person would look like one that was added.
  await groupMembers.remove([deletedId]);
  const singleResponse = await groupMembers.add([deletedId]);
  const members = await groupMembers.read();
  const effect: UnknownMemberEffect =
    decide(singleResponse) !== 'accept'
      ? 'refused'
      : members === undefined
        ? 'unseen'
        : members.includes(deletedId)
          ? 'kept'
          : 'dropped';
  session.findings.add(...judgeUnknownMember(effect, singleResponse));
  if (effect !== 'refused') return;
  await groupMembers.remove([validId]);
  const mixedResponse = await groupMembers.add([validId, deletedId]);
  const isValidAdded = decide(mixedResponse) === 'accept' || (await groupMembers.read())?.includes(validId) === true;
  session.findings.add(
    finding(topic, isValidAdded ? 'whoever comes with them is added' : 'whoever comes with them is refused as well'),
  );
  if (isValidAdded && decide(mixedResponse) === 'accept')
    session.findings.add(
      finding(topic, 'they are left out without a word in company', { protocol: { verifyWrites: 'members' } }),
    );
}

export function judgeUnknownMember(effect: UnknownMemberEffect, response: Response): readonly Finding[] {
  switch (effect) {
    case 'refused':
      return [finding(topic, `refused, ${errorSummary(response)}`)];
    case 'dropped':
      return [
        finding(
          topic,
          `answered ${response.status}, and left out without a word: what was written must be read again`,
          {
            protocol: { verifyWrites: 'members' },
          },
        ),
      ];
    case 'kept':
      return [finding(topic, `answered ${response.status}, and kept, though nobody is behind it`)];
    case 'unseen':
      return [finding(topic, `answered ${response.status}; what becomes of it is not shown`)];
  }
}
