import type { Body } from '../model/resource.ts';
import { complaintOf, scimTypeOf } from '../scim/complaint.ts';
import type { Reply } from '../scim/message.ts';
import { decide, sentence } from '../scim/response.ts';
import { change } from './change.ts';
import { finding, undecided, type Finding } from './finding.ts';
import type { Ground } from './ground.ts';
import type { Canary } from './ledger.ts';
import { isShown } from './patching.ts';

const about = 'new userName';

/** A person marries, and signs in under another name from then on. The new name begins like the canary's own; the old one is given back. What closes an account decides how people are changed, so this comes after. */
export async function renamePerson(ground: Ground, canary: Canary, kept: Body): Promise<void> {
  if (kept['userName'] === undefined) return;
  const renamed = { userName: canary.name.replace('@', '-married@') };
  const reply = await change(ground, canary, renamed);
  const shown =
    decide(reply) === 'accept' ? await ground.readUntil(canary, (body) => isShown(body, renamed)) : undefined;
  const isRenamed = shown !== undefined && isShown(shown.body, renamed);
  ground.book.note(...judgeRename(reply, isRenamed, ground.book.profile().holds.fixed));
  if (!isRenamed) return;
  const back = await change(ground, canary, { userName: canary.name });
  if (decide(back) !== 'accept')
    ground.book.note(undecided(about, `the name before was not taken back: ${sentence(back)}`));
}

/** Only who says that the name never changes, or leaves it as it is without a word, is believed: another name may be refused for what it is. */
export function judgeRename(reply: Reply, isRenamed: boolean, fixed: readonly string[]): readonly Finding[] {
  if (isRenamed) return [finding(about, `a person gets another userName (${reply.status})`)];
  const stays = { holds: { fixed: [...fixed, 'userName'] } };
  if (decide(reply) === 'accept')
    return [finding(about, `another userName is answered ${reply.status}, and nothing is changed`, stays)];
  const isMutability =
    scimTypeOf(reply) === 'mutability' ||
    /immutable|read-?only|(can ?not|can't|must not|may not) be (changed|modified|updated)/i.test(complaintOf(reply));
  const said = `another userName is refused: ${sentence(reply)}`;
  return [isMutability ? finding(about, said, stays) : undecided(about, said)];
}
