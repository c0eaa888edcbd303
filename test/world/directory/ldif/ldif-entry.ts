export type Values = string | Buffer | readonly (string | Buffer)[];

/** One entry as LDIF (RFC 2849). What is not plain text stands in base64, so that every byte arrives as it is. */
export function ldifEntry(dn: string, attributes: Readonly<Record<string, Values>>): string {
  const lines = Object.entries(attributes).flatMap(([name, values]) =>
    listed(values).map((value) => ldifLine(name, value)),
  );
  return `${[ldifLine('dn', dn), ...lines].join('\n')}\n`;
}

/** One line of LDIF. */
export function ldifLine(name: string, value: string | Buffer): string {
  const isSafe = typeof value === 'string' && /^[!-9;=-~][ -~]*$/.test(value) && !value.endsWith(' ');
  return isSafe ? `${name}: ${value}` : `${name}:: ${Buffer.from(value).toString('base64')}`;
}

function listed(values: Values): readonly (string | Buffer)[] {
  return typeof values === 'string' || Buffer.isBuffer(values) ? [values] : values;
}
