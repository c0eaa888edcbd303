import { coreUserSchema, enterpriseUserSchema } from '../../model/path.ts';
import { getIgnoringCase } from '../../model/scim-json.ts';
import { parseListResponse } from '../../scim/read/list-response.ts';
import { decide } from '../../scim/judge/judge-response.ts';
import type { MinimalUser } from './minimal-user.ts';
import { finding } from '../finding.ts';
import type { ProbeSession } from '../session.ts';
import { userResource } from './user-attributes.ts';

const sampleValue = 'Mines & Air';

/**
 * If the target does not store the enterprise extension under its standard URN: tests the URNs of its own schemas (RFC
 * 7643 section 7). A URN counts only if a new user shows an attribute under it.
 */
export async function probeEnterpriseExtension(
  session: ProbeSession,
  { requiredAttributes }: MinimalUser,
): Promise<void> {
  if (session.findings.profile().supports.enterpriseSchema !== null) return;
  for (const urn of await candidateUrns(session)) {
    const { canary } = await session.create('User', (name) => {
      const body = userResource(name, requiredAttributes(name));
      return { ...body, schemas: [coreUserSchema, urn], [urn]: { department: sampleValue } };
    });
    if (canary === undefined) continue;
    const { body } = await session.readUntil(
      canary,
      (each) => getIgnoringCase(getIgnoringCase(each, urn), 'department') === sampleValue,
    );
    if (getIgnoringCase(getIgnoringCase(body, urn), 'department') !== sampleValue) continue;
    session.findings.add(
      finding('attributes', `the enterprise extension has the URN ${urn}`, { supports: { enterpriseSchema: urn } }),
    );
    return;
  }
}

async function candidateUrns(session: ProbeSession): Promise<readonly string[]> {
  const response = await session.send({ method: 'GET', path: '/Schemas' });
  const rows = decide(response) === 'accept' ? (parseListResponse(response)?.rows ?? []) : [];
  return rows.filter(hasDepartment).flatMap((row) => {
    const id = getIgnoringCase(row, 'id');
    return typeof id === 'string' && /^urn:.+:User$/i.test(id) && id !== coreUserSchema && id !== enterpriseUserSchema
      ? [id]
      : [];
  });
}

function hasDepartment(schema: unknown): boolean {
  const attributes = getIgnoringCase(schema, 'attributes');
  return (
    Array.isArray(attributes) &&
    (attributes as unknown[]).some((attribute) => getIgnoringCase(attribute, 'name') === 'department')
  );
}
