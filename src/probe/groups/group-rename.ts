import type { Response } from '../../scim/transport/message.ts';
import { toPatchForm } from '../../scim/encode/patch-form.ts';
import { decide, errorSummary } from '../../scim/judge/judge-response.ts';
import { isRefusal } from '../canaries.ts';
import { failureText, finding, undecided, type ProfileSettings } from '../finding.ts';
import type { Canary } from '../ledger.ts';
import { readGroupNames } from '../protocol/lookup.ts';
import { patchBody } from '../protocol/patch-variants.ts';
import { showsValues } from '../protocol/patch-support.ts';
import { putBody, setAttributes } from '../protocol/set-attributes.ts';
import type { ProbeSession } from '../session.ts';

const topic = 'rename';

/** The method that changes the name of a group; `none`: none does; `unknown`: not seen. */
export type RenameMethod = 'patch' | 'put' | 'none' | 'unknown';

interface RenameAttempt {
  readonly method: 'patch' | 'put';
  readonly description: string;
  readonly send: (displayName: string) => Promise<Response>;
  readonly settings?: ProfileSettings;
}

/**
 * Renames the group and restores its name, by each method until one works: whether PATCH or PUT works for users does
 * not matter. The new name still has the canary prefix.
 */
export async function probeGroupRename(session: ProbeSession, canary: Canary): Promise<RenameMethod> {
  const { body: original } = await session.read(canary);
  if (readGroupNames(original)['displayName'] === undefined) {
    session.findings.add(undecided(topic, 'a read does not show the name of a group'));
    return 'unknown';
  }
  const renamed = { displayName: `${canary.name} renamed` };
  const failures: Response[] = [];
  for (const { method, description, send, settings } of renameAttempts(session, canary)) {
    const response = await send(renamed.displayName);
    const isRenamed =
      decide(response) === 'accept' &&
      showsValues((await session.readUntil(canary, (body) => showsValues(body, renamed))).body, renamed);
    if (!isRenamed) {
      session.findings.add(finding(topic, `${description} of a group's displayName: ${failureText(response)}`));
      failures.push(response);
      continue;
    }
    session.findings.add(finding(topic, `a group is renamed by ${description} (${response.status})`, settings));
    const restoreResponse = await send(canary.name);
    if (decide(restoreResponse) !== 'accept')
      session.findings.add(finding(topic, `the previous name is refused: ${errorSummary(restoreResponse)}`));
    return method;
  }
  const unclear = failures.find((response) => decide(response) !== 'accept' && !isRefusal(response));
  if (unclear !== undefined) {
    session.findings.add(undecided(topic, `no request renames a group, and one failed: ${errorSummary(unclear)}`));
    return 'unknown';
  }
  session.findings.add(
    finding(topic, 'displayName of a group is immutable', { supports: { groupNameImmutable: true } }),
  );
  return 'none';
}

function renameAttempts(session: ProbeSession, canary: Canary): readonly RenameAttempt[] {
  const { patchOps, patchPaths, update } = session.findings.profile().protocol;
  const updatesUsersByPut = update === 'put' || update === 'getThenPut';
  const nested: RenameAttempt = {
    method: 'patch',
    description: 'PATCH without a path',
    send: (displayName) =>
      session.write(
        'PATCH',
        canary,
        patchBody(
          toPatchForm([{ op: 'replace', path: 'displayName', value: displayName }], { patchOps, patchPaths: 'nested' }),
        ),
      ),
    // If users are updated by PUT, patchPaths applies to groups only.
    ...(updatesUsersByPut ? { settings: { protocol: { patchPaths: 'nested' } } } : {}),
  };
  return [
    {
      method: 'patch',
      description: 'PATCH',
      send: (displayName) => setAttributes(session, canary, { displayName }, { put: false }),
    },
    ...(patchPaths === 'nested' ? [] : [nested]),
    {
      method: 'put',
      description: 'PUT',
      send: async (displayName) =>
        session.write('PUT', canary, putBody((await session.read(canary)).body, { displayName })),
    },
  ];
}
