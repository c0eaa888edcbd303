import { inspect } from 'node:util';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { readSecret, redactor, Secret, type SecretReference } from '../../../src/config/secrets/secrets.ts';

describe('a secret', () => {
  const secret = new Secret('hunter2');

  test.each([
    ['text', secret.toString()],
    ['a sum', 'token ' + String(secret)],
    ['JSON', JSON.stringify({ secret })],
    ['inspect', inspect({ deep: { secret } }, { depth: null, showHidden: true })],
    ['its keys', Object.entries(secret).join()],
    ['a copy', JSON.stringify({ ...secret })],
  ])('does not show as %s', (_, shown) => {
    expect(shown).not.toContain('hunter2');
  });

  test('is returned by reveal()', () => {
    expect(secret.reveal()).toBe('hunter2');
  });
});

describe('reading a secret', () => {
  const files: Record<string, string> = {
    '/etc/sync/token': 's3cret\n',
    '/run/token': 's3cret\r\n',
    '/etc/sync/empty': '\n',
    '/etc/sync/key': 'two\nlines\n',
    '/etc/sync/spaces': ' a b ',
  };
  const io = {
    secretFiles: {
      read(path: string): string {
        const text = files[path];
        if (text === undefined) throw Object.assign(new Error(`no ${path}`), { code: 'ENOENT' });
        return text;
      },
      stamp: () => undefined,
      isReadableByAll: () => false,
    },
    env: { TOKEN: 's3cret', EMPTY: '', CREDENTIALS_DIRECTORY: '/run' },
    folder: '/etc/sync',
  };
  const outcome = (reference: SecretReference): string => {
    const read = readSecret(reference, io);
    return read.kind === 'secret' ? `= ${read.secret.reveal()}` : read.message;
  };

  test.each<[SecretReference, string]>([
    ['s3cret', '= s3cret'],
    [{ env: 'TOKEN' }, '= s3cret'],
    [{ file: 'token' }, '= s3cret'],
    [{ file: './token' }, '= s3cret'],
    [{ file: '/run/token' }, '= s3cret'],
    [{ file: 'spaces' }, '=  a b '],
    [{ credential: 'token' }, '= s3cret'],
    [{ credential: 'nope' }, 'the file /run/nope cannot be read (ENOENT)'],
    [{ env: 'NOPE' }, 'the environment variable NOPE is not set; set it for the process that runs scimsync'],
    [{ env: 'EMPTY' }, 'the environment variable EMPTY is empty'],
    [{ file: 'empty' }, 'the file /etc/sync/empty is empty'],
    [{ file: 'nope' }, 'the file /etc/sync/nope cannot be read (ENOENT)'],
    [{ file: 'key' }, 'contains a line break or another control character; a secret is one line'],
  ])('%j: %s', (reference, expected) => {
    expect(outcome(reference)).toBe(expected);
  });
});

describe('redaction', () => {
  const redact = redactor([
    new Secret('p@ss/w+rd?'),
    new Secret('hunter2'),
    new Secret('hunter2-longer'),
    new Secret('abc'),
    new Secret('a"b\\c'),
  ]);

  test.each([
    ['token hunter2 and hunter2 again', 'token ••• and ••• again'],
    ['hunter2-longer', '•••'],
    ['https://x/?t=p%40ss%2Fw%2Brd%3F&u=1', 'https://x/?t=•••&u=1'],
    ['p@ss/w+rd?', '•••'],
    ['{"x":"a\\"b\\\\c"}', '{"x":"•••"}'],
    ['abc is too short to hide', 'abc is too short to hide'],
    ['nothing here', 'nothing here'],
  ])('%s → %s', (text, redacted) => {
    expect(redact(text)).toBe(redacted);
  });

  test('without secrets changes nothing', () => {
    expect(redactor([])('hunter2')).toBe('hunter2');
  });

  test('hides a password in a Basic credential, whatever the user name', () => {
    fc.assert(
      fc.property(
        fc.string({ maxLength: 12 }),
        fc.string({ minLength: 8, maxLength: 30 }).filter((text) => text.trim().length >= 8),
        (username, password) => {
          const credential = Buffer.from(`${username}:${password}`).toString('base64');
          const shown = redactor([new Secret(password)])(`Basic ${credential}`);
          // At both ends a character may be left, since it holds bits of its neighbours.
          expect(shown).toContain('•••');
          expect(Buffer.from(shown.split('•••').at(-1) ?? '', 'base64').length).toBeLessThan(3);
        },
      ),
    );
  });

  test('hides the whole secret and nothing else', () => {
    fc.assert(
      fc.property(
        fc.string({ minLength: 4, unit: 'binary' }).filter((value) => !value.includes('\u0001')),
        (value) => {
          expect(redactor([new Secret(value)])(`\u0001${value}\u0001`)).toBe('\u0001•••\u0001');
        },
      ),
    );
  });
});
