/** A set of row ids, one bit each: a million rows in 125 kB. */
export class BitSet {
  private bits = new Uint8Array(1024);

  /** @returns false if the set already contains the id */
  add(id: number): boolean {
    const byte = id >>> 3;
    const bit = 1 << (id & 7);
    if (byte >= this.bits.length) this.grow(byte);
    const before = this.bits[byte] ?? 0;
    this.bits[byte] = before | bit;
    return (before & bit) === 0;
  }

  delete(id: number): void {
    const byte = id >>> 3;
    if (byte < this.bits.length) this.bits[byte] = (this.bits[byte] ?? 0) & ~(1 << (id & 7));
  }

  has(id: number): boolean {
    return ((this.bits[id >>> 3] ?? 0) & (1 << (id & 7))) !== 0;
  }

  private grow(byte: number): void {
    const larger = new Uint8Array(Math.max(byte + 1, this.bits.length * 2));
    larger.set(this.bits);
    this.bits = larger;
  }
}
