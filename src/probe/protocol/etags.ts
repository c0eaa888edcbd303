import type { Discovery } from '../../scim/read/discovery.ts';
import { decide, errorSummary, versionOf } from '../../scim/judge/judge-response.ts';
import type { FlatResource } from '../../model/resource.ts';
import { toPatchForm } from '../../scim/encode/patch-form.ts';
import { finding } from '../finding.ts';
import { patchBody } from './patch-variants.ts';
import type { ProbeSession } from '../session.ts';
import type { Canary } from '../ledger.ts';

const topic = 'ETag';

/** Whether resources have ETags (RFC 7644 section 3.14), and whether an update with an unknown ETag is refused. */
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
        announcesEtags ? 'announced by discovery, but responses have none' : 'responses have no ETags',
        announcesEtags ? { protocol: { ifMatch: 'never' } } : undefined,
      ),
    );
    return;
  }
  session.findings.add(
    finding(topic, `responses have ETags${announcesEtags ? '' : ', although discovery does not announce them'}`),
  );
  const path = ['displayName', 'title', 'nickName'].find((each) => stored[each] !== undefined);
  if (path === undefined || session.findings.profile().protocol.update !== 'auto') return;
  const body = patchBody(
    toPatchForm([{ op: 'replace', path, value: 'Old Version' }], session.findings.profile().protocol),
  );
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
        ? 'an update with an unknown ETag in If-Match is accepted: If-Match is ignored'
        : `an update with an unknown ETag in If-Match is refused: ${errorSummary(response)}`,
    ),
  );
}
