import type { Discovery } from '../scim/discovery.ts';
import { decide, sentence, versionOf } from '../scim/response.ts';
import type { Body } from '../model/resource.ts';
import { finding } from './finding.ts';
import { patchOf } from './forms.ts';
import type { Ground } from './ground.ts';
import type { Canary } from './ledger.ts';

const about = 'versions';

/** Whether there are versions (RFC 7644 section 3.14), and whether an old one is refused. */
export async function versions(
  ground: Ground,
  canary: Canary,
  kept: Body,
  discovery: Discovery | undefined,
): Promise<void> {
  const { version } = versionOf(await ground.read(canary));
  const claims = discovery?.etag === true;
  if (version === undefined) {
    ground.book.note(
      finding(
        about,
        claims ? 'it says that it has ETags, and serves none' : 'it serves no ETags',
        claims ? { speaks: { ifMatch: 'never' } } : undefined,
      ),
    );
    return;
  }
  ground.book.note(finding(about, `it serves ETags${claims ? '' : ', and does not say so'}`));
  const path = ['displayName', 'title', 'nickName'].find((each) => kept[each] !== undefined);
  if (path === undefined || ground.book.profile().speaks.update !== 'auto') return;
  const { patchOps } = ground.book.profile().speaks;
  const body = patchOf([{ op: patchOps === 'title' ? 'Replace' : 'replace', path, value: 'Old Version' }]);
  const reply = await ground.ask({
    method: 'PATCH',
    path: ground.path('User', canary.id),
    body,
    ifMatch: 'W/"scimsync-canary-no-version"',
  });
  ground.book.note(
    finding(
      about,
      decide(reply) === 'accept'
        ? 'a change against a version that never was is taken: If-Match is ignored'
        : `a change against a version that never was: ${sentence(reply)}`,
    ),
  );
}
