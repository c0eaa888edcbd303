import type { FlatResource, Json } from '../model/resource.ts';

/** The body after the edits. `to: null` removes a path. */
export function applyEdits(
  body: FlatResource,
  edits: readonly { readonly path: string; readonly to: Json }[],
): FlatResource {
  const result: Record<string, Json> = { ...body };
  for (const { path, to } of edits) {
    if (to === null) delete result[path];
    else result[path] = to;
  }
  return result;
}
