import type { ResourceType } from '../../model/resource-type.ts';
import { updateMethodOf, type Profile } from '../../model/profile.ts';
import type { Json } from '../../model/resource.ts';
import type { Response } from '../../scim/transport/message.ts';
import { booleanEncodings } from '../../scim/transport/dialect.ts';
import { toPatchForm } from '../../scim/encode/patch-form.ts';
import type { PatchOperation } from '../../scim/encode/patch.ts';
import { decide } from '../../scim/judge/judge-response.ts';
import { patchBody } from './patch-variants.ts';
import type { ProbeSession } from '../session.ts';
import type { Canary } from '../ledger.ts';

/**
 * Updates attributes without a dot in their path, by the method that is known to work: PATCH, or GET followed by PUT.
 */
export async function setAttributes(
  session: ProbeSession,
  canary: Canary,
  values: Readonly<Record<string, Json>>,
  options: { readonly put?: boolean } = {},
): Promise<Response> {
  const { protocol } = session.findings.profile();
  const isPut = options.put ?? !usesPatch(protocol, canary.resourceType);
  return isPut
    ? readThenPut(session, canary, values)
    : session.write('PATCH', canary, patchBody(patchOperations(protocol, values)));
}

/** Whether resources of that type are updated by PATCH, according to the findings so far. */
export function usesPatch(protocol: Profile['protocol'], resourceType: ResourceType): boolean {
  const method = updateMethodOf(protocol, resourceType);
  return method === 'auto' || method === 'patch';
}

/** The operations of a PATCH in the form that the profile describes. */
export function patchOperations(
  { patchOps, patchPaths, booleans }: Profile['protocol'],
  values: Readonly<Record<string, Json>>,
): readonly object[] {
  const encodeBoolean = booleanEncodings[booleans];
  const operations = Object.entries(values).map(([path, value]): PatchOperation => ({
    op: 'replace',
    path,
    value: (encodeBoolean?.(path, value) ?? value) as Json,
  }));
  return toPatchForm(operations, { patchOps, patchPaths });
}

/** Reads the resource and writes it back with the change, including read-only attributes except `meta` and `groups`. */
async function readThenPut(
  session: ProbeSession,
  canary: Canary,
  values: Readonly<Record<string, Json>>,
): Promise<Response> {
  const readResponse = await session.read(canary);
  if (decide(readResponse) !== 'accept') return readResponse;
  return session.write('PUT', canary, putBody(readResponse.body, values));
}

/**
 * The body of a PUT, without `meta` (RFC 7643 section 3.1) and `groups` (section 4.1.2), which the server maintains.
 */
export function putBody(
  resource: unknown,
  values: Readonly<Record<string, Json>>,
  omitted: readonly string[] = [],
): object {
  const excluded = new Set(['meta', 'groups', ...omitted].map((name) => name.toLowerCase()));
  const entries =
    typeof resource === 'object' && resource !== null
      ? Object.entries(resource).filter(([name]) => !excluded.has(name.toLowerCase()))
      : [];
  const overwritten = new Set(Object.keys(values).map((name) => name.toLowerCase()));
  return { ...Object.fromEntries(entries.filter(([name]) => !overwritten.has(name.toLowerCase()))), ...values };
}
