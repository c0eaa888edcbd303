/** Many numbers in 8 bytes each. An array that grows takes several times this memory until it is collected. */
export interface NumberList {
  push(value: number): void;
  /** All numbers in their order. */
  values(): Float64Array;
}

const chunkLength = 8192;

export function createNumberList(): NumberList {
  const chunks: Float64Array[] = [];
  let length = 0;
  return {
    push(value) {
      if (length % chunkLength === 0) chunks.push(new Float64Array(chunkLength));
      const chunk = chunks.at(-1);
      if (chunk !== undefined) chunk[length % chunkLength] = value;
      length += 1;
    },
    values() {
      const values = new Float64Array(chunks.length * chunkLength);
      for (const [index, chunk] of chunks.entries()) values.set(chunk, index * chunkLength);
      return values.subarray(0, length);
    },
  };
}
