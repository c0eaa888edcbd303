export interface ReadDelay {
  readonly milliseconds: number;
  readonly now: () => number;
}

interface StateAt {
  readonly at: number;
  readonly rows: readonly (readonly (readonly [string, any])[])[];
}

/** Reads see the maps as they were some time ago; writes see their current state. */
export function withDelayedReads<Request, Response>(
  maps: readonly Map<string, any>[],
  { milliseconds, now }: ReadDelay,
  route: (request: Request, text: string) => Response,
  isRead: (request: Request) => boolean,
): (request: Request, text: string) => Response {
  const stateAt = (at: number): StateAt => ({ at, rows: maps.map((map) => structuredClone([...map])) });
  const restore = ({ rows }: StateAt): void =>
    maps.forEach((map, which) => {
      map.clear();
      for (const [id, row] of rows[which] ?? []) map.set(id, row);
    });
  const history: StateAt[] = [stateAt(-Infinity)];

  return (request, text) => {
    if (!isRead(request)) {
      const response = route(request, text);
      history.push(stateAt(now()));
      return response;
    }
    const actual = stateAt(now());
    restore(history.filter(({ at }) => at <= now() - milliseconds).at(-1) ?? actual);
    try {
      return structuredClone(route(request, text));
    } finally {
      restore(actual);
    }
  };
}
