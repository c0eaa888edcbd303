import type { FlatResource } from '../../model/resource.ts';
import { errorDetail, scimTypeOf } from '../../scim/judge/error-body.ts';
import type { Response } from '../../scim/transport/message.ts';
import { decide, errorSummary } from '../../scim/judge/judge-response.ts';
import { setAttributes } from '../protocol/set-attributes.ts';
import { finding, undecided, type Finding } from '../finding.ts';
import type { ProbeSession } from '../session.ts';
import type { Canary } from '../ledger.ts';
import { showsValues } from '../protocol/patch-support.ts';

const topic = 'userName change';

/**
 * Changes a userName and restores it. The new name still has the canary prefix. Runs after the deactivation experiment,
 * which may change the method of updates.
 */
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
    session.findings.add(undecided(topic, `the previous userName is refused: ${errorSummary(restoreResponse)}`));
}

/**
 * userName is immutable if the update has no effect, or if the error states it. Any other refusal may concern the new
 * value.
 */
export function judgeRename(
  response: Response,
  isRenamed: boolean,
  immutableAttributes: readonly string[],
): readonly Finding[] {
  if (isRenamed) return [finding(topic, `works (${response.status})`)];
  const immutableSetting = { supports: { immutableAttributes: [...immutableAttributes, 'userName'] } };
  if (decide(response) === 'accept')
    return [finding(topic, `answered ${response.status}, without effect`, immutableSetting)];
  const isMutability =
    scimTypeOf(response) === 'mutability' ||
    /immutable|read-?only|(can ?not|can't|must not|may not) be (changed|modified|updated)/i.test(errorDetail(response));
  const description = `refused, ${errorSummary(response)}`;
  return [isMutability ? finding(topic, description, immutableSetting) : undecided(topic, description)];
}
