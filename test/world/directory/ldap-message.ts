/**
 * LDAP messages as the tests read and write them (RFC 4511, X.690), apart from the code that they test.
 */
export interface Element {
  readonly tag: number;
  readonly content: Buffer;
  /** Header and content. */
  readonly whole: Buffer;
}

/** The whole messages at the beginning of these bytes, and what is left. */
export function messagesIn(bytes: Buffer): { readonly messages: readonly Buffer[]; readonly rest: Buffer } {
  const messages: Buffer[] = [];
  let rest = bytes;
  for (let first = elementAt(rest); first !== undefined; first = elementAt(rest)) {
    messages.push(first.whole);
    rest = rest.subarray(first.whole.length);
  }
  return { messages, rest };
}

/** The first message, where it is followed by what is no LDAP: TLS, for one. */
export const firstMessageIn = (bytes: Buffer): Buffer | undefined => elementAt(bytes)?.whole;

export function elementsOf(content: Buffer): readonly Element[] {
  const all: Element[] = [];
  for (let left = content; left.length > 0; left = left.subarray(all.at(-1)?.whole.length)) {
    const next = elementAt(left);
    if (next === undefined) throw new Error(`no element in ${left.toString('hex')}`);
    all.push(next);
  }
  return all;
}

function elementAt(bytes: Buffer): Element | undefined {
  const first = bytes[1];
  if (first === undefined) return undefined;
  const size = first < 0x80 ? 0 : first & 0x7f;
  if (bytes.length < 2 + size) return undefined;
  const end = 2 + size + (size === 0 ? first : bytes.readUIntBE(2, size));
  return bytes.length < end
    ? undefined
    : { tag: bytes[0] ?? 0, content: bytes.subarray(2 + size, end), whole: bytes.subarray(0, end) };
}

export function element(tag: number, ...content: readonly Buffer[]): Buffer {
  const all = Buffer.concat(content);
  if (all.length < 0x80) return Buffer.concat([Buffer.from([tag, all.length]), all]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(all.length);
  return Buffer.concat([Buffer.from([tag, 0x84]), length, all]);
}

/** What a message asks or answers: its tag is that of RFC 4511's protocolOp. */
export const operations = {
  bind: 0x60,
  search: 0x63,
  entry: 0x64,
  done: 0x65,
  reference: 0x73,
  extended: 0x77,
  extendedAnswer: 0x78,
} as const;

export interface Message {
  /** With its header, as it stands in the message. */
  readonly id: Buffer;
  readonly operation: Element;
  readonly controls: Buffer | undefined;
}

export function readMessage(message: Buffer): Message {
  const [id, operation, controls] = elementsOf(elementAt(message)?.content ?? Buffer.alloc(0));
  if (id === undefined || operation === undefined) throw new Error(`no LDAP message: ${message.toString('hex')}`);
  return { id: id.whole, operation, controls: controls?.whole };
}

export function writeMessage(id: Buffer, operation: Buffer, controls: Buffer = Buffer.alloc(0)): Buffer {
  return element(0x30, id, operation, controls);
}

export const isOperation = (kind: keyof typeof operations, message: Buffer): boolean =>
  readMessage(message).operation.tag === operations[kind];

export interface SearchRequest {
  readonly base: string;
  readonly sizeLimit: number;
  readonly timeLimit: number;
  readonly attributes: readonly string[];
}

/** The search requests in what a client sent in clear. */
export function searchesIn(sent: Buffer): readonly SearchRequest[] {
  return messagesIn(sent)
    .messages.map(readMessage)
    .filter(({ operation }) => operation.tag === operations.search)
    .map(({ operation }) => {
      const [base, , , sizeLimit, timeLimit, , , attributes] = elementsOf(operation.content);
      const number = (of: Element | undefined): number => of?.content.readIntBE(0, of.content.length) ?? NaN;
      return {
        base: base?.content.toString() ?? '',
        sizeLimit: number(sizeLimit),
        timeLimit: number(timeLimit),
        attributes: elementsOf(attributes?.content ?? Buffer.alloc(0)).map(({ content }) => content.toString()),
      };
    });
}

/** The result of an operation: code, and no words. */
export const result = (tag: number, code: number): Buffer =>
  element(tag, element(0x0a, Buffer.from([code])), element(0x04), element(0x04));
