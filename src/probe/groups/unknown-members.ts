import { decide, errorSummary } from '../../scim/judge/judge-response.ts';
import { finding, type Finding } from '../finding.ts';
import type { ProbeSession } from '../session.ts';
import type { GroupMembers } from './group-members.ts';
import type { Response } from '../../scim/transport/message.ts';

const topic = 'unknown member';

/** How the target treats a member whose id belongs to no resource. */
export type UnknownMemberEffect = 'refused' | 'ignored' | 'stored' | 'notVisible';

/** @param deletedId the id of a deleted canary: well-formed and unused */
export async function probeUnknownMembers(
  session: ProbeSession,
  groupMembers: GroupMembers,
  deletedId: string,
  validId: string,
): Promise<void> {
  // The membership may have survived the deletion: it must not look like a new one.
  await groupMembers.remove([deletedId]);
  const singleResponse = await groupMembers.add([deletedId]);
  const members = await groupMembers.read();
  const effect: UnknownMemberEffect =
    decide(singleResponse) !== 'accept'
      ? 'refused'
      : members === undefined
        ? 'notVisible'
        : members.includes(deletedId)
          ? 'stored'
          : 'ignored';
  session.findings.add(...judgeUnknownMember(effect, singleResponse));
  if (effect !== 'refused') return;
  await groupMembers.remove([validId]);
  const mixedResponse = await groupMembers.add([validId, deletedId]);
  const isValidAdded = decide(mixedResponse) === 'accept' || (await groupMembers.read())?.includes(validId) === true;
  session.findings.add(
    finding(
      topic,
      isValidAdded
        ? 'a valid member in the same request is added'
        : 'a valid member in the same request is refused too',
    ),
  );
  if (isValidAdded && decide(mixedResponse) === 'accept')
    session.findings.add(
      finding(topic, 'ignored in a request with a valid member', { protocol: { verifyWrites: 'members' } }),
    );
}

/** Judges a write with the id of a member that does not exist. */
export function judgeUnknownMember(effect: UnknownMemberEffect, response: Response): readonly Finding[] {
  switch (effect) {
    case 'refused':
      return [finding(topic, `refused, ${errorSummary(response)}`)];
    case 'ignored':
      return [
        finding(topic, `answered ${response.status}, but ignored: writes of members must be verified`, {
          protocol: { verifyWrites: 'members' },
        }),
      ];
    case 'stored':
      return [finding(topic, `answered ${response.status}, and stored`)];
    case 'notVisible':
      return [finding(topic, `answered ${response.status}; the effect is not visible`)];
  }
}
