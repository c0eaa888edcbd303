import type { Discovery } from '../../scim/read/discovery.ts';
import { decide, errorSummary, versionOf } from '../../scim/judge/judge-response.ts';
import type { FlatResource } from '../../model/resource.ts';
import { finding } from '../finding.ts';
import { patchBody } from './patch-variants.ts';
import type { ProbeSession } from '../session.ts';
import type { Canary } from '../ledger.ts';

const topic = 'versions';

/** Whether there are versions (RFC 7644 section 3.14), and whether an old one is refused. */
export async function probeEtags(
  session: ProbeSession,
  canary: Canary,
  stored: FlatResource,
  discovery: Discovery | undefined,
): Promise<void> {
  const { version } = versionOf(await session.read(canary));
  const announcesEtags = discovery?.etag === true;
  if (version === undefined) {
    session.findings.add(
      finding(
        topic,
        announcesEtags ? 'it says that it has ETags, and serves none' : 'it serves no ETags',
        announcesEtags ? { protocol: { ifMatch: 'never' } } : undefined,
      ),
    );
    return;
  }
  session.findings.add(finding(topic, `it serves ETags${announcesEtags ? '' : ', and does not say so'}`));
  const path = ['displayName', 'title', 'nickName'].find((each) => stored[each] !== undefined);
  if (path === undefined || session.findings.profile().protocol.update !== 'auto') return;
  const { patchOps } = session.findings.profile().protocol;
  const body = patchBody([{ op: patchOps === 'title' ? 'Replace' : 'replace', path, value: 'Old Version' }]);
  const response = await session.send({
    method: 'PATCH',
    path: session.path('User', canary.id),
    body,
    ifMatch: 'W/"scimsync-canary-no-version"',
  });
  session.findings.add(
    finding(
      topic,
      decide(response) === 'accept'
        ? 'a change against a version that never was is taken: If-Match is ignored'
        : `a change against a version that never was: ${errorSummary(response)}`,
    ),
  );
}
