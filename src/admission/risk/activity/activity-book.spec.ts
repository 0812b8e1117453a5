import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { v7 as uuidv7 } from 'uuid';
import { readConfig } from '../../../config/config.js';
import { RiskPolicy } from '../scores/policy.js';
import { ActivityBook, type CoolDownSettings } from './activity-book.js';

const begin = 1_800_000_000_000;
const second = 1000;
const minute = 60 * second;
const defaults = readConfig({});
const settings: CoolDownSettings = { ...defaults.coolDowns, holdMs: defaults.holdMs };
const policy = new RiskPolicy(defaults.riskThresholds);
const showId = 1;

/** One session in a trace. Its id is old, as that of a visitor who has been on the page for a while. */
class Visitor {
  readonly sessionId = uuidv7({ msecs: begin });
  scoreMax = 0;
  waitMsMax = 0;

  constructor(
    private readonly book: ActivityBook,
    private readonly source: string,
  ) {}

  call(action: 'enter' | 'join' | 'reserve', at: number, seats: readonly number[] | null = null): void {
    const now = begin + at;
    const call = { action, showId, sessionId: this.sessionId, source: this.source, seats };
    const context = this.book.recordCall(call, now, begin);
    this.scoreMax = Math.max(this.scoreMax, this.book.assessmentOf(context, now).score);
    const { inShow, sourceInShow } = context;
    this.waitMsMax = Math.max(this.waitMsMax, inShow.waitMs(now), sourceInShow.coolDown.waitMs(now));
  }

  giveBack(from: number, to: number, seats: readonly number[] = [1]): void {
    this.book.recordEndedHold({ showId, sessionId: this.sessionId, seats, heldSince: begin + from }, begin + to);
  }

  pay(at: number): void {
    this.book.recordPayment(this.sessionId, begin + at);
    this.book.recordBooking(showId, this.sessionId, begin + at);
  }

  get action() {
    return policy.actionFor(this.scoreMax);
  }
}

describe('with the default settings', () => {
  it('a buyer who changes seats and pays is allowed', () => {
    const visitor = new Visitor(new ActivityBook(settings), 'home');
    visitor.call('enter', 0);
    visitor.call('reserve', 20 * second, [1, 2]);
    visitor.giveBack(20 * second, 50 * second, [1, 2]);
    visitor.call('reserve', 55 * second, [2, 3]);
    visitor.giveBack(55 * second, 2 * minute, [2, 3]);
    visitor.call('reserve', 2 * minute, [8, 9]);
    visitor.pay(4 * minute);
    expect([visitor.action, visitor.scoreMax, visitor.waitMsMax]).toEqual(['allow', 0, 0]);
  });

  it('a buyer with a fast keyboard, who loses the race for seats again and again, is allowed', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 350, max: 3000 }), { minLength: 40, maxLength: 40 }), (gaps) => {
        const racer = new Visitor(new ActivityBook(settings), 'home');
        let at = 5 * second;
        for (const gap of gaps) racer.call('reserve', (at += gap), [at % 100]);
        expect(racer.action).toBe('allow');
      }),
      { numRuns: 50, seed: 13 },
    );
  });

  it('a school class of 30 behind one address is allowed, although a third of its holds end unpaid', () => {
    const book = new ActivityBook(settings);
    const pupils = Array.from({ length: 30 }, () => new Visitor(book, 'school'));
    for (const [n, pupil] of pupils.entries()) {
      pupil.call('enter', n * 100);
      pupil.call('reserve', 20 * second + n * 700, [n]);
      pupil.giveBack(20 * second + n * 700, minute + n * second, [n]);
      pupil.call('reserve', minute + n * 1300, [n + 40]);
    }
    for (const [n, pupil] of pupils.entries()) {
      if (n % 3 === 0) pupil.giveBack(minute + n * 1300, 6 * minute + n * 1300, [n + 40]);
      else pupil.pay(3 * minute + n * second);
    }
    for (const pupil of pupils) pupil.call('reserve', 8 * minute, [99]);
    expect(pupils.map(({ action }) => action)).toEqual(pupils.map(() => 'allow'));
    expect(Math.max(...pupils.map(({ waitMsMax }) => waitMsMax))).toBe(0);
  });

  it('5,000 customers of a mobile carrier behind one address are challenged at most, and need not wait', () => {
    const book = new ActivityBook(settings);
    const customers = Array.from({ length: 5000 }, () => new Visitor(book, 'carrier'));
    for (const [n, customer] of customers.entries()) {
      customer.call('enter', n * 2);
      customer.call('join', 10 * second + n * 2);
    }
    for (const [n, customer] of customers.entries()) {
      const at = minute + n * 60;
      customer.call('reserve', at, [n]);
      if (n % 5 === 0) customer.giveBack(at, at + minute, [n]);
      else customer.pay(at + minute);
    }
    const actions = new Set(customers.map(({ action }) => action));
    expect([...actions].filter((action) => action !== 'allow' && action !== 'challenge')).toEqual([]);
    expect(Math.max(...customers.map(({ waitMsMax }) => waitMsMax))).toBe(0);
  });

  it('a bot that holds and gives back at machine speed must wait, and is refused in the end', () => {
    const bot = new Visitor(new ActivityBook(settings), 'bot');
    for (let n = 0; n < 40; n++) {
      bot.call('reserve', n * 100, [n]);
      bot.giveBack(n * 100, n * 100 + 50, [n]);
    }
    expect(bot.waitMsMax).toBeGreaterThan(0);
    expect(bot.action).toBe('refuse');
  });

  it('a pattern of sessions that let the holds of one source expire must wait', () => {
    const book = new ActivityBook(settings);
    const waits = Array.from({ length: 60 }, (_, n) => {
      const bot = new Visitor(book, 'bot');
      bot.call('reserve', n * second, [n]);
      bot.giveBack(n * second, n * second + 5 * minute, [n]);
      bot.call('reserve', n * second + 5 * minute, [n + 100]);
      return bot.waitMsMax;
    });
    expect(waits[30]).toBe(0);
    expect(waits[59]).toBeGreaterThan(0);
  });
});

describe('a session', () => {
  it('that holds ten seats one by one and gives all of them back has made one change', () => {
    const visitor = new Visitor(new ActivityBook(settings), 'home');
    for (let n = 0; n < 10; n++) visitor.call('reserve', n * second, [n]);
    for (let n = 0; n < 10; n++) visitor.giveBack(n * second, minute + n, [n]);
    visitor.call('reserve', 2 * minute, [50]);
    expect(visitor.waitMsMax).toBe(0);
  });

  it('that gives back one seat at once and keeps the others until they expire must wait like one without that seat', () => {
    const waits = [true, false].map((hasDummy) => {
      const visitor = new Visitor(new ActivityBook({ ...settings, freeChanges: 20 }), 'home');
      for (let round = 0; round < 4; round++) {
        const at = round * 6 * minute;
        visitor.call('reserve', at, [1]);
        if (hasDummy) visitor.giveBack(at, at + second, [1]);
        visitor.giveBack(at, at + 5 * minute, [2, 3, 4]);
      }
      visitor.call('reserve', 24 * minute, [1]);
      return visitor.waitMsMax;
    });
    expect(waits[1]).toBeGreaterThan(0);
    expect(waits[0]).toBe(waits[1]);
  });

  it('must wait exactly if it held unpaid seats of a show for too long, in any order of holds and ends', () => {
    const hold = fc.record({ from: fc.nat({ max: 150 }), length: fc.nat({ max: 40 }) });
    const [hour, step] = [60 * minute, 10 * second];
    const start = Math.ceil(begin / hour) * hour - begin;
    const seen = { waits: 0, free: 0 };
    fc.assert(
      fc.property(fc.array(hold, { maxLength: 20 }), (holds) => {
        const book = new ActivityBook({ ...settings, freeChanges: 1000, firstWaitMs: hour });
        const visitor = new Visitor(book, 'home');
        const union = new Set<number>();
        for (const { from, length } of holds) {
          visitor.giveBack(start + from * step, start + (from + length) * step, [1]);
          for (let n = 0; n < length; n++) union.add(from + n);
        }
        visitor.call('reserve', start + 200 * step, [9]);
        const heldMs = union.size * step;
        const mustWait = heldMs > 2.5 * settings.holdMs;
        if (mustWait) seen.waits++;
        else seen.free++;
        fc.pre(heldMs !== 2.5 * settings.holdMs);
        expect(visitor.waitMsMax > 0).toBe(mustWait);
      }),
      { numRuns: 300, seed: 13 },
    );
    expect(Math.min(seen.waits, seen.free)).toBeGreaterThan(20);
  });

  it('that sends wrong answers to challenges gets points, and its source gets a few', () => {
    const book = new ActivityBook(settings);
    const [bot, neighbour] = [new Visitor(book, 'bot'), new Visitor(book, 'bot')];
    for (let n = 0; n < 100; n++) book.recordFailedChallenge(bot.sessionId, 'bot', begin);
    bot.call('join', second);
    neighbour.call('join', second);
    expect([bot.scoreMax, neighbour.scoreMax]).toEqual([50, 10]);
  });

  it('is forgotten when it is erased', () => {
    const book = new ActivityBook(settings);
    const visitor = new Visitor(book, 'home');
    for (let n = 0; n < 20; n++) visitor.giveBack(n * second, n * second + 1, [n]);
    book.forget(visitor.sessionId);
    visitor.call('reserve', 30 * second, [1]);
    expect([visitor.waitMsMax, visitor.scoreMax]).toEqual([0, 0]);
  });
});
