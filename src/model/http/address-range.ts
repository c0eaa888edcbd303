/** The addresses of a network: `10.0.0.0/8` or `2001:db8::/32` (RFC 4632, RFC 4291 section 2.3). */
export interface AddressRange {
  readonly network: Address;
  /** The first bits, which all its addresses share. */
  readonly prefixLength: number;
}

/** An address of IPv4 or IPv6. */
interface Address {
  readonly length: 32 | 128;
  readonly value: bigint;
}

/** @returns undefined: the text is not a range */
export function parseAddressRange(text: string): AddressRange | undefined {
  const { address = '', bits = '' } = /^(?<address>[^/]+)\/(?<bits>\d{1,3})$/.exec(text)?.groups ?? {};
  const network = parseAddress(address);
  const prefixLength = Number(bits);
  return network === undefined || prefixLength > network.length ? undefined : { network, prefixLength };
}

/** @param host as in a URL: an address of IPv6 has brackets. A name is in no range */
export function isInRange({ network, prefixLength }: AddressRange, host: string): boolean {
  const address = parseAddress(host);
  if (address?.length !== network.length) return false;
  const others = BigInt(network.length - prefixLength);
  return address.value >> others === network.value >> others;
}

function parseAddress(text: string): Address | undefined {
  if (/^\d{1,3}(?:\.\d{1,3}){3}$/.test(text)) {
    const bytes = text.split('.').map(Number);
    return bytes.some((byte) => byte > 255) ? undefined : { length: 32, value: joined(bytes, 8n) };
  }
  const plain = text.replace(/^\[(.*)\]$/, '$1');
  if (!plain.includes(':') || !URL.canParse(`http://[${plain}]/`)) return undefined;
  // In a URL, each group is in lower case and hexadecimal, and at most one run of zeros is left out.
  const [start = '', end] = new URL(`http://[${plain}]/`).hostname.slice(1, -1).split('::');
  const [first, last] = [start, end ?? ''].map((part) => (part === '' ? [] : part.split(':')));
  const zeros = Array.from({ length: 8 - (first?.length ?? 0) - (last?.length ?? 0) }, () => '0');
  const groups = [...(first ?? []), ...zeros, ...(last ?? [])].map((group) => Number.parseInt(group, 16));
  return { length: 128, value: joined(groups, 16n) };
}

const joined = (parts: readonly number[], bits: bigint): bigint =>
  parts.reduce((value, part) => (value << bits) | BigInt(part), 0n);
