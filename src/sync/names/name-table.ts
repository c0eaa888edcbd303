import { hash } from 'node:crypto';

/**
 * Names with the key of the first record that has each of them, for sources of a million users: about 24 bytes for each
 * name, and the bytes of the key.
 *
 *     name ─▶ 64 bits of SHA-1 ─▶ slot: hash, hash, position of the key ─▶ keys: length, bytes, length, bytes, …
 *
 * Two of a million names have the same 64 bits with a probability of 3 in 100 million.
 */
export class NameTable {
  private slots = new Uint32Array(3 * 1024);
  private keys = Buffer.alloc(4096);
  /** Position 0 means an empty slot. */
  private end = 4;
  private count = 0;

  /** @returns the key of the first record with this name; undefined: this record is the first one */
  add(name: string, key: string): string | undefined {
    if (2 * this.count >= this.slots.length / 3) this.grow();
    const digest = hash('sha1', name, 'buffer');
    const [high, low] = [digest.readUInt32LE(0), digest.readUInt32LE(4)];
    const slot = slotOf(this.slots, high, low);
    const position = this.slots[slot + 2] ?? 0;
    if (position !== 0) return this.keyAt(position);
    this.slots.set([high, low, this.append(key)], slot);
    this.count += 1;
    return undefined;
  }

  get size(): number {
    return this.count;
  }

  private keyAt(position: number): string {
    const start = position + 4;
    return this.keys.toString('utf8', start, start + this.keys.readUInt32LE(position));
  }

  private append(key: string): number {
    const length = Buffer.byteLength(key);
    const position = this.end;
    this.end += 4 + length;
    if (this.end > this.keys.length) {
      const larger = Buffer.alloc(Math.max(this.end, Math.ceil(this.keys.length * 1.5)));
      this.keys.copy(larger);
      this.keys = larger;
    }
    this.keys.writeUInt32LE(length, position);
    this.keys.write(key, position + 4);
    return position;
  }

  private grow(): void {
    const larger = new Uint32Array(this.slots.length * 2);
    for (let slot = 0; slot < this.slots.length; slot += 3) {
      const entry = this.slots.subarray(slot, slot + 3);
      const [high = 0, low = 0, position = 0] = entry;
      if (position !== 0) larger.set(entry, slotOf(larger, high, low));
    }
    this.slots = larger;
  }
}

/** The slot of this hash, or the empty one for it. */
function slotOf(slots: Uint32Array, high: number, low: number): number {
  const capacity = slots.length / 3;
  for (let index = low % capacity; ; index = (index + 1) % capacity) {
    const slot = 3 * index;
    if (slots[slot + 2] === 0 || (slots[slot] === high && slots[slot + 1] === low)) return slot;
  }
}
