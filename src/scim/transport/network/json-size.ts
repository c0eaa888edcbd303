/**
 * Upper bound of the values in one large response. A list of 10,000 users with 100 values each is a quarter of it. A
 * value costs up to 100 bytes once it is parsed, and parsing stops everything else.
 */
export const maxValues = 4_000_000;

const quote = 0x22;
const backslash = 0x5c;
const comma = 0x2c;
const bracket = 0x5b;
const brace = 0x7b;

/**
 * Counts the values of a JSON text without parsing it: one for the text, one for each comma, and one for the first
 * member of each array and object. An empty one is counted as if it had a member.
 */
export function countValues(json: Uint8Array): number {
  let values = 1;
  let isInString = false;
  for (let index = 0; index < json.length; index += 1) {
    const byte = json[index];
    if (isInString) {
      if (byte === backslash) index += 1;
      else if (byte === quote) isInString = false;
    } else if (byte === quote) isInString = true;
    else if (byte === comma || byte === bracket || byte === brace) values += 1;
  }
  return values;
}
