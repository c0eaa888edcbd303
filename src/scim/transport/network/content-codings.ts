/** The codings of a body in the order in which they were applied, without those that change nothing. */
export const codingsOf = (contentEncoding: string | undefined): readonly string[] =>
  contentEncoding === undefined
    ? []
    : contentEncoding
        .split(',')
        .map((name) => name.trim().toLowerCase())
        .filter((name) => name !== '' && name !== 'identity');
