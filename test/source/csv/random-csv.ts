import fc from 'fast-check';

/** Cells with quotes, line breaks and delimiters, now and then with a lone quote. */
const cell = fc.oneof(
  { weight: 20, arbitrary: fc.stringMatching(/^[a-z0-9 é;]{0,24}$/) },
  { weight: 4, arbitrary: fc.stringMatching(/^[a-z]{0,5}(""|,|\r?\n| ){0,6}[a-z]{0,9}$/).map((text) => `"${text}"`) },
  { weight: 1, arbitrary: fc.constantFrom('a"b', '""', '"x"y') },
);

const row = (n: number): fc.Arbitrary<string> =>
  fc.tuple(cell, cell, cell).map((cells) => [`E${n}`, ...cells].join(','));

const lineBreak = fc.constantFrom('\n', '\n', '\r\n');

/** A file of several blocks: each of few different rows is repeated under other keys. */
export const randomCsv: fc.Arbitrary<string> = fc
  .tuple(
    fc.array(row(0), { minLength: 3, maxLength: 12 }),
    fc.integer({ min: 0, max: 500 }),
    lineBreak,
    fc.boolean(),
    fc.boolean(),
  )
  .map(([samples, count, end, hasEnd, hasBlankRows]) => {
    const rows = Array.from({ length: count }, (_, n) => (samples[n % samples.length] ?? '').replace('E0', `E${n}`));
    if (hasBlankRows) rows.splice(Math.floor(count / 2), 0, '', ',,,');
    return ['id,a,b,c', ...rows].join(end) + (hasEnd ? end : '');
  });

type Edit = (text: string) => string;

/** A position as a share of the lines. */
const place = fc.double({ min: 0, max: 1, noNaN: true });

const onLines =
  (edit: (lines: string[], at: (share: number) => number) => string[]): Edit =>
  (text) => {
    const [header = '', ...lines] = text.split('\n');
    return [header, ...edit(lines, (share) => Math.floor(share * lines.length))].join('\n');
  };

/** Inserts, removes, moves, repeats or changes lines or characters of a file; lines may be parts of a record. */
export const editedCsv: fc.Arbitrary<Edit> = fc.oneof(
  fc.constant<Edit>((text) => text),
  fc.tuple(place, row(99_999)).map(([to, text]) => onLines((lines, at) => lines.toSpliced(at(to), 0, text))),
  fc
    .tuple(place, fc.integer({ min: 1, max: 40 }))
    .map(([from, n]) => onLines((lines, at) => lines.toSpliced(at(from), n))),
  fc.tuple(place, place, fc.integer({ min: 1, max: 400 })).map(([from, to, count]) =>
    onLines((lines, at) => {
      const moved = lines.slice(at(from), at(from) + count);
      const others = lines.toSpliced(at(from), count);
      return others.toSpliced(Math.floor(to * others.length), 0, ...moved);
    }),
  ),
  fc
    .tuple(place, place, fc.integer({ min: 1, max: 400 }))
    .map(([from, to, count]) =>
      onLines((lines, at) => lines.toSpliced(at(to), 0, ...lines.slice(at(from), at(from) + count))),
    ),
  fc.tuple(place, fc.constantFrom('"', 'x', ',', '\n', '\r', '""')).map(([share, inserted]): Edit => (text) => {
    const at = Math.max(text.indexOf('\n') + 1, Math.floor(share * text.length));
    return text.slice(0, at) + inserted + text.slice(at);
  }),
  fc.constant<Edit>((text) => text.trimEnd()),
  fc.constant<Edit>((text) => `${text}\n`),
);
