import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { createLineWriter } from '../../../src/cli/output/line-writer.ts';
import '../../world/fixed-seed.ts';

/** A stream with room for this number of bytes, and for more after some pauses. */
function stream(room = 0, roomAfter: (pauses: number) => number = () => 0) {
  const state = { room, failure: undefined as string | undefined, text: '', pauses: 0 };
  const scheduled: (() => void)[] = [];
  const fail = (code: string): never => {
    throw Object.assign(new Error(code), { code });
  };
  const io = {
    writeSome(bytes: Uint8Array) {
      if (state.failure !== undefined) return fail(state.failure);
      const size = Math.min(state.room, bytes.length);
      if (size === 0) return fail('EAGAIN');
      state.room -= size;
      state.text += Buffer.from(bytes.subarray(0, size)).toString();
      return size;
    },
    schedule: (flush: () => void) => void scheduled.push(flush),
    pause() {
      state.pauses += 1;
      state.room += roomAfter(state.pauses);
    },
    notice: (lines: number) => `${lines} lost\n`,
  };
  const writer = createLineWriter(io, true);
  const later = (): void => scheduled.splice(0).forEach((flush) => flush());
  return { state, writer, later, scheduled };
}

describe('a reader that does not read', () => {
  test('gets everything in order when it reads', () => {
    const { state, writer, later, scheduled } = stream(3);
    writer.keepWorking();
    writer.write('one\n');
    writer.write('two\n');
    expect(state.text).toBe('one');
    expect(scheduled).toHaveLength(1);
    state.room = 3;
    later();
    expect(state.text).toBe('one\ntw');
    state.room = 100;
    later();
    writer.write('three\n');
    expect(state.text).toBe('one\ntwo\nthree\n');
    expect(writer.finish(1)).toBe(0);
  });

  test('loses what exceeds the limit, and is informed of it', () => {
    const { state, writer, later } = stream(0);
    writer.keepWorking();
    const line = 'x'.repeat(1024 * 1024);
    for (let count = 0; count < 10; count += 1) writer.write(line);
    state.room = Infinity;
    later();
    expect(state.text).toBe(`${line.repeat(8)}2 lost\n`);
    writer.write('next\n');
    expect(state.text.endsWith('2 lost\nnext\n')).toBe(true);
    expect(writer.finish(1)).toBe(2);
    expect(writer.finish(1)).toBe(0);
  });

  test('stops a command that only prints', () => {
    const { state, writer } = stream(3, (pauses) => (pauses === 4 ? 100 : 0));
    writer.write('one\n');
    expect(state.text).toBe('one\n');
    expect(state.pauses).toBe(4);
  });

  test('is waited for at the end while it reads, and not longer', () => {
    const { state, writer } = stream(0);
    writer.keepWorking();
    writer.write('one\n');
    writer.write('two\n');
    expect(writer.finish(10)).toBe(2);
    expect(state.pauses).toBe(10);
  });
});

describe('a stream that fails', () => {
  test.each(['ENOSPC', 'EIO', 'EBADF', 'EDQUOT'])('with %s loses the line, and gets the next', (code) => {
    const { state, writer } = stream(100);
    state.failure = code;
    writer.write('one\n');
    writer.write('two\n');
    state.failure = undefined;
    writer.write('three\n');
    expect(state.text).toBe('three\n2 lost\n');
    expect(writer.finish(1)).toBe(2);
  });

  test('with EPIPE gets no more, and nothing is lost', () => {
    const { state, writer } = stream(100);
    state.failure = 'EPIPE';
    writer.write('one\n');
    state.failure = undefined;
    writer.write('two\n');
    expect(writer.finish(10)).toBe(0);
    expect(state).toMatchObject({ text: '', pauses: 0 });
  });
});

test('every line arrives once and in order, or counts as lost', () => {
  const events = fc.array(
    fc.oneof(
      fc.record({ write: fc.string({ minLength: 1, maxLength: 9 }) }),
      fc.record({ room: fc.nat(20) }),
      fc.record({ failure: fc.constantFrom('EIO', undefined) }),
    ),
  );
  fc.assert(
    fc.property(events, (list) => {
      const { state, writer, later } = stream(5);
      writer.keepWorking();
      let written = 0;
      for (const event of list) {
        if ('write' in event) writer.write(`<${(written += 1)}>\n`);
        else if ('room' in event) state.room += event.room;
        else state.failure = event.failure;
        later();
      }
      state.failure = undefined;
      state.room = Infinity;
      const lost = writer.finish(10);
      const complete = [...state.text.matchAll(/<(\d+)>\n/g)].map(([, number]) => Number(number));
      expect(complete).toEqual([...complete].sort((one, other) => one - other));
      expect(complete.length).toBeGreaterThanOrEqual(written - lost);
    }),
  );
});
