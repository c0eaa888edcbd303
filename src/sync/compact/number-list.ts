/** Many numbers in 4 bytes each. An array that grows takes several times this memory until it is collected. */
export interface NumberList {
  readonly length: number;
  /** @param value less than 2^31 away from the first one */
  push(value: number): void;
  /** NaN: the list is shorter. */
  at(index: number): number;
}

const chunkLength = 8192;

/** Keeps the differences to the first number, in chunks: ids of one round are close together. */
export function createNumberList(): NumberList {
  const chunks: Int32Array[] = [];
  let first = 0;
  let length = 0;
  return {
    get length() {
      return length;
    },
    push(value) {
      if (length === 0) first = value;
      if (length % chunkLength === 0) chunks.push(new Int32Array(chunkLength));
      const chunk = chunks.at(-1);
      if (chunk !== undefined) chunk[length % chunkLength] = value - first;
      length += 1;
    },
    at(index) {
      if (index >= length) return Number.NaN;
      return first + (chunks[Math.floor(index / chunkLength)]?.[index % chunkLength] ?? Number.NaN);
    },
  };
}
