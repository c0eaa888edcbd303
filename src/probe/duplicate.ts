import type { Reply } from '../scim/message.ts';
import { complaintOf } from '../scim/complaint.ts';
import { decide, sentence } from '../scim/response.ts';
import { retryAfter } from '../scim/retry-after.ts';
import { instant } from '../model/ids.ts';
import type { Kind } from '../model/kind.ts';
import type { Newcomer } from './creation.ts';
import { finding, undecided, type Finding } from './finding.ts';
import type { Ground } from './ground.ts';
import type { Canary } from './ledger.ts';
import { person } from './person.ts';

/** Makes the first person again. */
export async function duplicatePerson(ground: Ground, { canary, least }: Newcomer): Promise<void> {
  const again = () =>
    ground.create('User', () => person(canary.name, least(canary.name)), { name: canary.name, taken: [429] });
  let creation = await again();
  // 429 that says when to come back is about haste.
  if (creation.reply.status === 429 && retryAfter(creation.reply, instant(0)) !== undefined) creation = await again();
  const { speaks } = ground.book.profile();
  const isPlain = decide(creation.reply) === 'accept' || creation.reply.status === 409;
  // What it says to a body that is wrong for another reason.
  const wrong = isPlain
    ? undefined
    : (await ground.create('User', (name) => ({ ...person(name, least(name)), emails: 7, active: 'perhaps' }))).reply;
  ground.book.note(...judgeDuplicate('User', creation.reply, canary, creation.canary, wrong, speaks));
}

/** What tells that something is already there, in any language that servers speak. */
const phrases = ['already exists', 'already', 'duplicate', 'exists', 'taken', 'in use', 'unique', 'conflict'];

export interface ConflictWords {
  readonly conflictStatuses: readonly number[];
  readonly conflictWords: readonly string[];
  readonly twins: readonly Kind[];
}

/**
 * What it says to somebody who is there already.
 *
 * @param made what the second create made, if anything
 * @param otherRefusal of a body that is wrong for another reason: what it says as well tells nothing apart
 */
export function judgeDuplicate(
  kind: Kind,
  reply: Reply,
  first: Canary,
  made: Canary | undefined,
  otherRefusal: Reply | undefined,
  known: ConflictWords,
): readonly Finding[] {
  const about = kind === 'User' ? 'duplicate' : 'same name';
  const what = kind === 'User' ? 'a second person with the same userName' : 'a second group with the same name';
  if (decide(reply) === 'accept') {
    if (made?.id === first.id)
      return [finding(about, `${what} is answered ${reply.status} with the one who is there: POST is an upsert`)];
    if (made !== undefined)
      return [
        finding(about, `${what} is made without a word (${reply.status}): names prove nothing there`, {
          speaks: { twins: [...known.twins, kind] },
        }),
      ];
    return [undecided(about, `${what} is answered ${reply.status}, without an id`)];
  }
  const isPlain = reply.status === 409;
  const seen = `${what} is refused: ${sentence(reply)}`;
  if (isPlain && known.conflictWords.length === 0) return [finding(about, seen)];
  if (['denied', 'missing', 'unsupported'].includes(decide(reply))) return [undecided(about, seen)];
  const statuses = [...new Set([...known.conflictStatuses, reply.status])];
  const said = complaintOf(reply).toLowerCase();
  const elsewhere = otherRefusal?.status === reply.status ? complaintOf(otherRefusal).toLowerCase() : '';
  const telling = phrases.find((phrase) => said.includes(phrase) && !elsewhere.includes(phrase));
  const words = telling === undefined ? known.conflictWords : [...new Set([...known.conflictWords, telling])];
  return [finding(about, seen, { speaks: { conflictStatuses: statuses, conflictWords: words } })];
}
