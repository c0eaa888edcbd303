import { inspect } from 'node:util';
import { mask } from '../../model/redaction/redactor.ts';

/** A value that cannot be printed by accident: only `reveal()` returns it. */
export class Secret {
  #value: string;
  readonly #changed: () => string | undefined;
  readonly #seen: string[];

  /** @param changed what became of the secret since the last call; undefined: it is the same, or unusable by now */
  constructor(value: string, changed: () => string | undefined = () => undefined) {
    this.#value = value;
    this.#changed = changed;
    this.#seen = [value];
  }

  /** The value itself, as its file has it now; only for the request that needs it. */
  reveal(): string {
    const value = this.#changed();
    if (value !== undefined && value !== this.#value) {
      this.#value = value;
      this.#seen.push(value);
    }
    return this.#value;
  }

  /** All values since the start, for redaction: a refused one may be in the answer of a server. */
  get seen(): readonly string[] {
    return this.#seen;
  }

  toString(): string {
    return mask;
  }

  toJSON(): string {
    return mask;
  }

  [inspect.custom](): string {
    return mask;
  }
}
