/**
 * Ids as bytes, in their order. Rows of a file mostly have consecutive ids, so runs of them are written: the distance
 * of the first id from the end of the last run, and the length of the run, both as variable-length integers.
 *
 *     101 102 103 104 7      →  +101 ×4  −98 ×1
 */
export function encodeIds(ids: readonly number[]): Buffer {
  const bytes: number[] = [];
  let last = 0;
  for (let at = 0; at < ids.length;) {
    const first = ids[at] ?? 0;
    let end = at + 1;
    while (end < ids.length && ids[end] === first + end - at) end += 1;
    const distance = first - last;
    writeNumber(bytes, distance >= 0 ? distance * 2 : -distance * 2 - 1);
    writeNumber(bytes, end - at);
    last = first + end - at;
    at = end;
  }
  return Buffer.from(bytes);
}

/** The ids that `encodeIds` wrote. */
export function decodeIds(bytes: Buffer): number[] {
  const ids: number[] = [];
  let at = 0;
  const next = (): number => {
    let value = 0;
    for (let factor = 1; ; factor *= 128) {
      const byte = bytes[at] ?? 0;
      at += 1;
      value += (byte & 127) * factor;
      if (byte < 128) return value;
    }
  };
  let last = 0;
  while (at < bytes.length) {
    const coded = next();
    const first = last + (coded % 2 === 0 ? coded / 2 : -(coded + 1) / 2);
    const length = next();
    for (let id = first; id < first + length; id += 1) ids.push(id);
    last = first + length;
  }
  return ids;
}

/** Seven bits in each byte, the lowest first; the highest bit states that another byte follows. */
function writeNumber(bytes: number[], value: number): void {
  let rest = value;
  while (rest >= 128) {
    bytes.push((rest % 128) + 128);
    rest = Math.floor(rest / 128);
  }
  bytes.push(rest);
}
