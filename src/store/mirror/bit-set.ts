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

  /** The ids from 1 to `last` that the set does not contain, ascending. */
  *missing(last: number): Generator<number, void, undefined> {
    for (let id = 1; id <= last; id += 1) {
      if ((id & 7) === 0 && this.bits[id >>> 3] === 0xff) id += 7;
      else if (!this.has(id)) yield id;
    }
  }

  copy(): BitSet {
    const copy = new BitSet();
    copy.become(this);
    return copy;
  }

  /** Takes the ids of another set in place of its own. */
  become(other: BitSet): void {
    this.bits = other.bits.slice();
  }

  private grow(byte: number): void {
    const larger = new Uint8Array(Math.max(byte + 1, this.bits.length * 2));
    larger.set(this.bits);
    this.bits = larger;
  }
}
