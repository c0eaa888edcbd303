const multiByte = ['shift_jis', 'euc-jp', 'gb2312', 'gbk', 'gb18030', 'big5', 'big5-hkscs', 'euc-kr'] as const;

/** Encodings of files, in lower case. `utf-16` requires a byte order mark. */
export const encodings = [
  'utf-8',
  'utf-16',
  'utf-16le',
  'utf-16be',
  /** windows-1252, as in browsers (WHATWG Encoding). */
  'latin1',
  'iso-8859-1',
  'iso-8859-2',
  'iso-8859-3',
  'iso-8859-4',
  'iso-8859-5',
  'iso-8859-6',
  'iso-8859-7',
  'iso-8859-8',
  'iso-8859-9',
  'iso-8859-10',
  'iso-8859-11',
  'iso-8859-13',
  'iso-8859-14',
  'iso-8859-15',
  'iso-8859-16',
  'windows-874',
  'windows-1250',
  'windows-1251',
  'windows-1252',
  'windows-1253',
  'windows-1254',
  'windows-1255',
  'windows-1256',
  'windows-1257',
  'windows-1258',
  'cp437',
  'cp850',
  'cp852',
  'cp858',
  'cp866',
  'koi8-r',
  'koi8-u',
  'macintosh',
  ...multiByte,
] as const;

/** Encodings with more than one byte for a character. Text in them is hardly ever valid in another encoding. */
export const multiByteEncodings: ReadonlySet<string> = new Set(multiByte);

/** The encoding of a file. */
export type Encoding = (typeof encodings)[number];

/** The names as configurations may write them: in lower case, in capitals, or as registered with IANA. */
export const writtenEncodings: readonly string[] = [
  ...new Set([...encodings, ...encodings.map((name) => name.toUpperCase()), 'Shift_JIS', 'Big5', 'Big5-HKSCS']),
];

/** The encoding with this name, in any case; undefined: there is none. */
export function encodingNamed(written: string): Encoding | undefined {
  return encodings.find((name) => name === written.toLowerCase());
}

const otherScript = '[\\p{Script=Arabic}\\p{Script=Cyrillic}\\p{Script=Greek}\\p{Script=Hebrew}]';

/**
 * A Latin letter beside a letter of another script, in one word ("Schrڑder"): a sign of a wrong encoding. Scripts that
 * are written without blanks, such as Thai and Japanese, are not among them.
 */
export const mixedScripts = new RegExp(`[A-Za-z]${otherScript}|${otherScript}[A-Za-z]`, 'u');
