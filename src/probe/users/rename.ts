import type { FlatResource } from '../../model/resource.ts';
import { errorDetail, scimTypeOf } from '../../scim/judge/error-body.ts';
import type { Response } from '../../scim/transport/message.ts';
import { decide, errorSummary } from '../../scim/judge/judge-response.ts';
import { setAttributes } from '../protocol/set-attributes.ts';
import { finding, undecided, type Finding } from '../finding.ts';
import type { ProbeSession } from '../session.ts';
import type { Canary } from '../ledger.ts';
import { showsValues } from '../protocol/patch-support.ts';

const topic = 'new userName';

/** A person marries, and signs in under another name from then on. The new name begins like the canary's own; the old one is given back. What closes an account decides how people are changed, so this comes after. */
export async function probeRename(session: ProbeSession, canary: Canary, stored: FlatResource): Promise<void> {
  if (stored['userName'] === undefined) return;
  const renamed = { userName: canary.name.replace('@', '-married@') };
  const response = await setAttributes(session, canary, renamed);
  const readResponse =
    decide(response) === 'accept' ? await session.readUntil(canary, (body) => showsValues(body, renamed)) : undefined;
  const isRenamed = readResponse !== undefined && showsValues(readResponse.body, renamed);
  session.findings.add(...judgeRename(response, isRenamed, session.findings.profile().supports.immutableAttributes));
  if (!isRenamed) return;
  const restoreResponse = await setAttributes(session, canary, { userName: canary.name });
  if (decide(restoreResponse) !== 'accept')
    session.findings.add(undecided(topic, `the name before was not taken back: ${errorSummary(restoreResponse)}`));
}

/** Only who says that the name never changes, or leaves it as it is without a word, is believed: another name may be refused for what it is. */
export function judgeRename(
  response: Response,
  isRenamed: boolean,
  immutableAttributes: readonly string[],
): readonly Finding[] {
  if (isRenamed) return [finding(topic, `a person gets another userName (${response.status})`)];
  const immutableSetting = { supports: { immutableAttributes: [...immutableAttributes, 'userName'] } };
  if (decide(response) === 'accept')
    return [
      finding(topic, `another userName is answered ${response.status}, and nothing is changed`, immutableSetting),
    ];
  const isMutability =
    scimTypeOf(response) === 'mutability' ||
    /immutable|read-?only|(can ?not|can't|must not|may not) be (changed|modified|updated)/i.test(errorDetail(response));
  const description = `another userName is refused: ${errorSummary(response)}`;
  return [isMutability ? finding(topic, description, immutableSetting) : undecided(topic, description)];
}
