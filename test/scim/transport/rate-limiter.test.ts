import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { createSlidingWindowLimiter } from '../../../src/scim/transport/rate-limiter.ts';

interface World {
  readonly rate: number;
  readonly inFlight: number;
  /** The delay of timers, of requests and of responses, in ms. */
  readonly timerDelay: () => number;
  readonly there: (number: number) => number;
  readonly back: () => number;
}

/** Sends `count` requests as fast as the limiter allows. @returns the times of their arrival at the server */
function simulate({ rate, inFlight, timerDelay, there, back }: World, count: number): readonly number[] {
  const pace = createSlidingWindowLimiter(rate);
  const arrivals: number[] = [];
  const answers: { at: number; tell: () => void }[] = [];
  const askedAt: number[] = Array.from({ length: inFlight }, () => 0);
  let now = 0;
  while (arrivals.length < count) {
    const asked = askedAt[0];
    const next = pace.nextSlotAt(now);
    const wakes = asked === undefined ? Number.POSITIVE_INFINITY : next <= now ? now : Math.ceil(next) + timerDelay();
    const answer = answers[0];
    if (answer !== undefined && answer.at <= wakes) {
      now = Math.max(now, answer.at);
      answers.shift();
      answer.tell();
      continue;
    }
    if (asked === undefined || next > now) {
      now = wakes;
      continue;
    }
    askedAt.shift();
    const slot = pace.reserve(now, asked);
    const arrival = now + there(arrivals.length);
    arrivals.push(arrival);
    const answered = arrival + back();
    answers.push({
      at: answered,
      tell: () => {
        pace.answered(slot, answered);
        askedAt.push(answered);
      },
    });
    answers.sort((a, b) => a.at - b.at);
  }
  return arrivals.toSorted((a, b) => a - b);
}

/** The highest number of requests in any second. */
function worstSecond(times: readonly number[]): number {
  let from = 0;
  return times.reduce((worst, time, index) => {
    while ((times[from] ?? time) <= time - 1000) from += 1;
    return Math.max(worst, index - from + 1);
  }, 0);
}

const sustained = (times: readonly number[]): number =>
  ((times.length - 1) * 1000) / ((times.at(-1) ?? 0) - (times[0] ?? 0));

/** A deterministic sequence of numbers in [0, 1). */
function chance(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff;
    return state / 0x80000000;
  };
}

describe('the request rate', () => {
  test.each([
    [10, 2],
    [20, 8],
    [25, 8],
    [100, 16],
    [500, 32],
    [1000, 64],
  ])('of %i a second with %i in flight is never exceeded and nearly reached', (rate, inFlight) => {
    const random = chance(rate);
    const times = simulate(
      { rate, inFlight, timerDelay: () => random() * 3, there: () => 1 + random() * 4, back: () => 1 + random() * 5 },
      Math.max(100, rate * 5),
    );
    expect(worstSecond(times)).toBeLessThanOrEqual(rate);
    expect(sustained(times)).toBeGreaterThanOrEqual(0.97 * rate);
  });

  test('is kept if responses take between 50 and 150 ms', () => {
    const random = chance(7);
    const times = simulate(
      {
        rate: 50,
        inFlight: 32,
        timerDelay: () => random(),
        there: () => 20 + random() * 5,
        back: () => 30 + random() * 100,
      },
      1000,
    );
    expect(worstSecond(times)).toBeLessThanOrEqual(50);
    // The requests before the first responses count cautiously; after that the rate is reached.
    expect(sustained(times.slice(100))).toBeGreaterThanOrEqual(0.97 * 50);
  });

  test('is kept if the first connections take 300 ms to open', () => {
    const times = simulate(
      { rate: 20, inFlight: 8, timerDelay: () => 0, there: (number) => (number < 8 ? 300 : 2), back: () => 2 },
      100,
    );
    expect(worstSecond(times)).toBeLessThanOrEqual(20);
  });

  test('is kept on any network whose delays differ by at most 18 ms', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 5, max: 60 }),
        fc.integer({ min: 1, max: 20 }),
        fc.integer({ min: 1, max: 1_000_000 }),
        (rate, inFlight, seed) => {
          const random = chance(seed);
          const times = simulate(
            { rate, inFlight, timerDelay: () => random() * 20, there: () => random() * 18, back: () => random() * 40 },
            rate * 4,
          );
          return worstSecond(times) <= rate;
        },
      ),
      { numRuns: 200 },
    );
  });

  test('is kept if the server stalls for 50 ms at times', () => {
    const random = chance(3);
    const times = simulate(
      {
        rate: 20,
        inFlight: 8,
        timerDelay: () => random() * 2,
        there: (number) => 1 + (number % 160 > 155 ? 50 : 0),
        back: () => 1,
      },
      600,
    );
    expect(worstSecond(times)).toBeLessThanOrEqual(20);
    expect(sustained(times)).toBeGreaterThanOrEqual(0.97 * 20);
  });

  test('is even: a new request waits for at most one gap', () => {
    const pace = createSlidingWindowLimiter(50);
    for (let time = 0, sent = 0; sent < 30; sent += 1) {
      time = Math.max(time, Math.ceil(pace.nextSlotAt(time)));
      pace.answered(pace.reserve(time, 0), time + 1);
      expect(pace.nextSlotAt(time) - time).toBeLessThanOrEqual(21);
    }
  });

  test('allows no burst after an idle time', () => {
    const pace = createSlidingWindowLimiter(10);
    pace.answered(pace.reserve(0, 0), 1);
    expect(pace.nextSlotAt(3000)).toBeLessThanOrEqual(3000);
    pace.answered(pace.reserve(3000, 3000), 3001);
    expect(pace.nextSlotAt(3000)).toBeGreaterThan(3090);
  });

  test.each([
    [0.5, 2000],
    [0.1, 10_000],
  ])('of %d a second is one request per %i ms', (rate, gap) => {
    const times = simulate({ rate, inFlight: 2, timerDelay: () => 0, there: () => 1, back: () => 1 }, 10);
    const gaps = times.slice(1).map((time, index) => time - (times[index] ?? 0));
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(gap);
    expect(Math.max(...gaps)).toBeLessThanOrEqual(gap + 30);
  });

  test('above one, ignores the fraction', () => {
    expect(
      worstSecond(simulate({ rate: 2.5, inFlight: 2, timerDelay: () => 0, there: () => 1, back: () => 1 }, 20)),
    ).toBe(2);
  });

  test('is kept after the clock is set back', () => {
    const pace = createSlidingWindowLimiter(10);
    pace.answered(pace.reserve(1_000_000, 1_000_000), 1_000_001);
    expect(pace.nextSlotAt(5000)).toBeLessThanOrEqual(5110);
  });
});
