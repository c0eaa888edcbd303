import type { RemoteId } from '../model/ids.ts';
import { kinds, namePath, type Kind } from '../model/kind.ts';
import { member } from '../model/shape.ts';
import { asRemoteId, placed } from '../scim/address.ts';
import { readList } from '../scim/list-response.ts';
import { decide } from '../scim/response.ts';
import { finding } from './finding.ts';
import type { Ground } from './ground.ts';
import { isCanary, nameOf, prefix } from './names.ts';

/** Names what an earlier probe left behind. It is not ours, so it is not touched. Only rows that bear a canary's name are believed. */
export async function leftovers(ground: Ground): Promise<void> {
  for (const kind of kinds) {
    for (const { id, name } of await canariesOf(ground, kind)) {
      ground.book.note(
        finding(
          'left over',
          `${kind} ${name} (id ${id}) is from an earlier probe: remove it there, or by DELETE ${placed(ground.path(kind, id), ground.book.profile().speaks.endpoints)}`,
        ),
      );
    }
  }
}

async function canariesOf(
  ground: Ground,
  kind: Kind,
): Promise<readonly { readonly id: RemoteId; readonly name: string }[]> {
  const searches = [{ filter: `${namePath(kind)} sw ${JSON.stringify(prefix)}` }, { startIndex: '1', count: '100' }];
  for (const query of searches) {
    const reply = await ground.ask({ method: 'GET', path: ground.path(kind), query });
    const rows = decide(reply) === 'accept' ? readList(reply)?.rows : undefined;
    // A filter that shows others is ignored, and an empty list may be one that does not know "sw": the first page is looked at as well.
    const found = (rows ?? []).flatMap((row) => {
      const [id, name] = [asRemoteId(member(row, 'id')), nameOf(kind, row)];
      return id !== undefined && name !== undefined && isCanary(name) ? [{ id, name }] : [];
    });
    if (found.length > 0) return found;
  }
  return [];
}
