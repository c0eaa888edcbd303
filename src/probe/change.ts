import type { Kind } from '../model/kind.ts';
import { updateForm, type Profile } from '../model/profile.ts';
import type { Json } from '../model/resource.ts';
import type { Reply } from '../scim/message.ts';
import { truths } from '../scim/dialect.ts';
import { inForm } from '../scim/patch-form.ts';
import type { PatchOperation } from '../scim/patch.ts';
import { decide } from '../scim/response.ts';
import { patchOf } from './forms.ts';
import type { Ground } from './ground.ts';
import type { Canary } from './ledger.ts';

/** Says a change of attributes that have no dot in the way that was found to be understood so far: by PATCH, or by PUT of all that is read. */
export async function change(
  ground: Ground,
  canary: Canary,
  values: Readonly<Record<string, Json>>,
  options: { readonly put?: boolean } = {},
): Promise<Reply> {
  const { speaks } = ground.book.profile();
  const isPut = options.put ?? !isByPatch(speaks, canary.kind);
  return isPut ? replace(ground, canary, values) : ground.write('PATCH', canary, patchOf(operationsOf(speaks, values)));
}

/** Whether resources of a kind are changed by PATCH, as far as is known. */
export function isByPatch(speaks: Profile['speaks'], kind: Kind): boolean {
  const form = updateForm(speaks, kind);
  return form === 'auto' || form === 'patch';
}

function operationsOf(
  { patchOps, patchPaths, booleans }: Profile['speaks'],
  values: Readonly<Record<string, Json>>,
): readonly object[] {
  const truth = truths[booleans];
  const operations = Object.entries(values).map(([path, value]): PatchOperation => ({
    op: 'replace',
    path,
    value: (truth?.(path, value) ?? value) as Json,
  }));
  return inForm(operations, { patchOps, patchPaths });
}

/** Reads, and writes back what was read with the change. A server's own attributes go with it, as a careful client's would not. */
async function replace(ground: Ground, canary: Canary, values: Readonly<Record<string, Json>>): Promise<Reply> {
  const read = await ground.read(canary);
  if (decide(read) !== 'accept') return read;
  return ground.write('PUT', canary, replaced(read.body, values));
}

/** RFC 7643 section 3.1: `meta` is the server's, and so is `groups` (section 4.1.2). */
export function replaced(
  resource: unknown,
  values: Readonly<Record<string, Json>>,
  without: readonly string[] = [],
): object {
  const left = new Set(['meta', 'groups', ...without].map((name) => name.toLowerCase()));
  const entries =
    typeof resource === 'object' && resource !== null
      ? Object.entries(resource).filter(([name]) => !left.has(name.toLowerCase()))
      : [];
  const taken = new Set(Object.keys(values).map((name) => name.toLowerCase()));
  return { ...Object.fromEntries(entries.filter(([name]) => !taken.has(name.toLowerCase()))), ...values };
}
