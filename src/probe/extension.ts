import { coreUserSchema, enterpriseUserSchema } from '../model/path.ts';
import { member } from '../model/shape.ts';
import { readList } from '../scim/list-response.ts';
import { decide } from '../scim/response.ts';
import type { Newcomer } from './creation.ts';
import { finding } from './finding.ts';
import type { Ground } from './ground.ts';
import { person } from './person.ts';

const value = 'Mines & Air';

/**
 * Where the enterprise attributes are not kept under the standard's URN: whether they are under one of the application's own, which its schemas
 * name (RFC 7643 section 7). Believed only once somebody was made with it and shows it.
 */
export async function ownExtension(ground: Ground, { least }: Newcomer): Promise<void> {
  if (ground.book.profile().holds.enterpriseSchema !== null) return;
  for (const urn of await candidates(ground)) {
    const { canary } = await ground.create('User', (name) => {
      const body = person(name, least(name));
      return { ...body, schemas: [coreUserSchema, urn], [urn]: { department: value } };
    });
    if (canary === undefined) continue;
    const { body } = await ground.readUntil(canary, (each) => member(member(each, urn), 'department') === value);
    if (member(member(body, urn), 'department') !== value) continue;
    ground.book.note(
      finding('keeps', `the enterprise attributes are kept under ${urn}`, { holds: { enterpriseSchema: urn } }),
    );
    return;
  }
}

async function candidates(ground: Ground): Promise<readonly string[]> {
  const reply = await ground.ask({ method: 'GET', path: '/Schemas' });
  const rows = decide(reply) === 'accept' ? (readList(reply)?.rows ?? []) : [];
  return rows.filter(hasDepartment).flatMap((row) => {
    const id = member(row, 'id');
    return typeof id === 'string' && /^urn:.+:User$/i.test(id) && id !== coreUserSchema && id !== enterpriseUserSchema
      ? [id]
      : [];
  });
}

function hasDepartment(schema: unknown): boolean {
  const attributes = member(schema, 'attributes');
  return (
    Array.isArray(attributes) &&
    (attributes as unknown[]).some((attribute) => member(attribute, 'name') === 'department')
  );
}
