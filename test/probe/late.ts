export interface Late {
  readonly milliseconds: number;
  readonly now: () => number;
}

interface Past {
  readonly at: number;
  readonly rows: readonly (readonly (readonly [string, any])[])[];
}

/** Answers what is read from how the maps were some time ago; what is written is of now. */
export function lately<Request, Answer>(
  maps: readonly Map<string, any>[],
  { milliseconds, now }: Late,
  route: (request: Request, text: string) => Answer,
  isRead: (request: Request) => boolean,
): (request: Request, text: string) => Answer {
  const present = (at: number): Past => ({ at, rows: maps.map((map) => structuredClone([...map])) });
  const show = ({ rows }: Past): void =>
    maps.forEach((map, which) => {
      map.clear();
      for (const [id, row] of rows[which] ?? []) map.set(id, row);
    });
  const past: Past[] = [present(-Infinity)];

  return (request, text) => {
    if (!isRead(request)) {
      const answer = route(request, text);
      past.push(present(now()));
      return answer;
    }
    const actual = present(now());
    show(past.filter(({ at }) => at <= now() - milliseconds).at(-1) ?? actual);
    try {
      return structuredClone(route(request, text));
    } finally {
      show(actual);
    }
  };
}
