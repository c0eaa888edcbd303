import { readDiscovery, type Discovery } from '../scim/discovery.ts';
import { decide, explain } from '../scim/response.ts';
import { finding } from './finding.ts';
import type { Ground } from './ground.ts';

const about = 'says of itself';

/** What it says of itself; only a hint, which is held against what is seen. Some serve it under a plural name. */
export async function discovering(ground: Ground): Promise<Discovery | undefined> {
  const usual = ground.book.profile().speaks.endpoints.discovery;
  for (const path of [usual, `${usual}s`]) {
    const reply = await ground.ask({ method: 'GET', path });
    const discovery = decide(reply) === 'accept' ? readDiscovery(reply.body) : undefined;
    if (discovery === undefined) {
      if (path === usual)
        ground.book.note(
          finding(
            about,
            `${path}: ${decide(reply) === 'accept' ? `answered ${reply.status}, but not in a readable way` : explain(reply)}`,
          ),
        );
      continue;
    }
    const { endpoints } = ground.book.profile().speaks;
    ground.book.note(
      finding(
        about,
        `PATCH ${can(discovery.patch)}, filter ${can(discovery.filter)}, ETag ${can(discovery.etag)}, bulk ${can(discovery.bulk?.supported)}`,
        path === usual ? undefined : { speaks: { endpoints: { ...endpoints, discovery: path } } },
      ),
    );
    return discovery;
  }
  ground.book.note(finding(about, 'nothing: it serves no ServiceProviderConfig', { speaks: { discovery: 'off' } }));
  return undefined;
}

const can = (value: boolean | undefined): string => (value === undefined ? 'not said' : value ? 'yes' : 'no');
