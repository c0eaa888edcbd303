import { createHash } from 'node:crypto';

/**
 * What an entry of the chain states.
 *
 *     operation     an operation ended with these facts
 *     amended       they changed by a later look or a relink
 *     removed       an equal operation of a later pass replaces it
 *     pass          a pass or an action of an operator ended with these facts, and its operations are in the chain
 *     amendedPass   they changed: two targets became one
 *     cut           the retention may remove passes up to this one, with their operations
 *     dropped       it removed the entries up to this one, which had this hash
 */
export interface ChainItem {
  readonly kind: (typeof kinds)[number];
  readonly id: number;
  /** SHA-256 of the facts; of a removal and a cut: zeros. */
  readonly hash: Buffer;
}

const kinds = ['operation', 'amended', 'removed', 'pass', 'amendedPass', 'cut', 'dropped'] as const;

const hashBytes = 32;
/** The kind, and the id in six bytes. */
const headBytes = 7;

/** The hash before the first entry, and of an item without facts. */
export const noHash = Buffer.alloc(hashBytes);

/** SHA-256 of values as JSON. */
export const hashOf = (values: readonly unknown[]): Buffer =>
  createHash('sha256').update(JSON.stringify(values)).digest();

/** The content of an entry. Items without facts take 7 bytes, others 39. */
export function encodeItems(items: readonly ChainItem[]): Buffer {
  return Buffer.concat(
    items.map(({ kind, id, hash }) => {
      const head = Buffer.alloc(headBytes);
      head.writeUInt8(kinds.indexOf(kind), 0);
      head.writeUIntBE(id, 1, 6);
      return hasHash(kind) ? Buffer.concat([head, hash]) : head;
    }),
  );
}

/** The items of an entry. @returns undefined if the content is no list of items */
export function decodeItems(content: Buffer): readonly ChainItem[] | undefined {
  const items: ChainItem[] = [];
  for (let at = 0; at < content.length;) {
    const kind = kinds[content[at] ?? kinds.length];
    if (kind === undefined || at + headBytes > content.length) return undefined;
    const id = content.readUIntBE(at + 1, 6);
    at += headBytes;
    const end = hasHash(kind) ? at + hashBytes : at;
    if (end > content.length) return undefined;
    items.push({ kind, id, hash: hasHash(kind) ? content.subarray(at, end) : noHash });
    at = end;
  }
  return items;
}

const hasHash = (kind: ChainItem['kind']): boolean => kind !== 'removed' && kind !== 'cut';

/** The hash of an entry. */
export const entryHash = (before: Buffer, seq: number, content: Buffer): Buffer =>
  createHash('sha256').update(before).update(`${seq} `).update(content).digest();
