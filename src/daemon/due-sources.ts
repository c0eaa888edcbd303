/** Which sources with a schedule of their own the next pass reads. All of them are due at the start. */
export interface DueSources {
  /** The schedule or a change of the source demands a reading. */
  add(name: string): void;
  /** A pass begins. @returns the sources that it does not read */
  begin(): ReadonlySet<string>;
  /** The pass has ended. A due source without an accepted reading stays due. */
  end(accepted: ReadonlySet<string>): void;
}

/** @param names the sources with schedules of their own; every pass reads the others */
export function createDueSources(names: readonly string[]): DueSources {
  const due = new Set(names);
  let current: readonly string[] = [];
  return {
    add(name) {
      if (names.includes(name)) due.add(name);
    },
    begin() {
      current = [...due];
      const notDue = new Set(names.filter((name) => !due.has(name)));
      // A tick during the pass demands another reading.
      due.clear();
      return notDue;
    },
    end(accepted) {
      for (const name of current) if (!accepted.has(name)) due.add(name);
      current = [];
    },
  };
}
