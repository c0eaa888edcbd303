import { decide, sentence } from '../scim/response.ts';
import { finding, type Finding } from './finding.ts';
import type { Ground } from './ground.ts';
import type { Roster } from './roster.ts';
import type { Reply } from '../scim/message.ts';

const about = 'unknown member';

/** What became of a member that is nobody. */
export type Unknown = 'refused' | 'dropped' | 'kept' | 'unseen';

/** @param gone id of a canary that was deleted: certainly nobody, and certainly of the right shape */
export async function unknownMembers(ground: Ground, roster: Roster, gone: string, good: string): Promise<void> {
  // A membership that outlived its person would look like one that was added.
  await roster.part([gone]);
  const alone = await roster.join([gone]);
  const members = await roster.members();
  const fate: Unknown =
    decide(alone) !== 'accept'
      ? 'refused'
      : members === undefined
        ? 'unseen'
        : members.includes(gone)
          ? 'kept'
          : 'dropped';
  ground.book.note(...judgeUnknown(fate, alone));
  if (fate !== 'refused') return;
  await roster.part([good]);
  const together = await roster.join([good, gone]);
  const taken = decide(together) === 'accept' || (await roster.members())?.includes(good) === true;
  ground.book.note(
    finding(about, taken ? 'whoever comes with them is added' : 'whoever comes with them is refused as well'),
  );
  if (taken && decide(together) === 'accept')
    ground.book.note(
      finding(about, 'they are left out without a word in company', { speaks: { readBack: 'members' } }),
    );
}

export function judgeUnknown(fate: Unknown, reply: Reply): readonly Finding[] {
  switch (fate) {
    case 'refused':
      return [finding(about, `refused, ${sentence(reply)}`)];
    case 'dropped':
      return [
        finding(about, `answered ${reply.status}, and left out without a word: what was written must be read again`, {
          speaks: { readBack: 'members' },
        }),
      ];
    case 'kept':
      return [finding(about, `answered ${reply.status}, and kept, though nobody is behind it`)];
    case 'unseen':
      return [finding(about, `answered ${reply.status}; what becomes of it is not shown`)];
  }
}
