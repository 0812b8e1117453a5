import { describe, expect, it } from '@jest/globals';
import type { LineName, QueueProof } from '@usher/contract';
import { failing, fixedSeed, goldenLine, HonestLine } from './honest-line.fixture.js';
import type { LineReport } from './report.js';
import { verifyLine } from './verify-line.js';

const stateOf = (report: LineReport, name: string) => report.checks.find((check) => check.name === name)?.state;
const verifyEntry = (proof: QueueProof, commitment?: string) => verifyLine({ proof, line: 'entry', commitment });

describe('a line that follows the contract', () => {
  it('has the order, the hashes and the signatures that another program computes', async () => {
    const { proof } = goldenLine();
    const report = await verifyEntry(proof, '630dcd2966c4336691125448bbb25b4ff412a49c732db2c8abc1b8581bd710dd');
    expect(report.findings).toEqual([]);
    expect(report.order).toEqual([8, 1, 4, 3, 5, 6, 2, 7, 9, 10, 11]);
    expect(proof.chain.at(-1)?.hash).toBe('8dd9ff7e6ded6b6fab072ed84bddbdc7f21a7c351aa48455f294c35880d160a7');
    expect([proof.publicKey, proof.chain[0]?.receipt]).toEqual([
      '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo',
      '_RL22j6EZ4AAptmr5ojaXMNHDhi1WVJ1hqOEuaf60UQ07zKzFuKzqWUfmQBW5R3j4_z-ir3KXf9Y3AhchK6NAQ',
    ]);
    expect(report.checks.map(({ state }) => state)).toEqual(report.checks.map(() => 'passed'));
    expect(report.counts).toEqual({
      lineTickets: 11,
      lobby: 10,
      states: { join: 6, leave: 1, expire: 0, admit: 4, offer: 0, lapse: 0 },
      offersOutOfOrder: 0,
    });
  });

  it('has no order while its lobby is open', async () => {
    const line = new HonestLine('entry', fixedSeed);
    line.join();
    const report = await verifyEntry(line.proof);
    expect([report.isValid, report.order]).toEqual([true, null]);
    expect(['commitment', 'shuffle', 'order'].map((name) => stateOf(report, name))).toEqual([
      'skipped',
      'skipped',
      'skipped',
    ]);
  });

  it('is valid if nobody has joined, and if its lobby had no members or only one', async () => {
    expect(await failing(new HonestLine('entry', null).proof)).toEqual([]);
    const line = new HonestLine('entry', fixedSeed);
    line.shuffle();
    expect(await failing(line.proof)).toEqual([]);
    const one = new HonestLine('entry', fixedSeed);
    one.join();
    one.shuffle();
    one.serve();
    expect((await verifyEntry(one.proof)).order).toEqual([1]);
  });

  it('may have offers out of order as the line for seats, but no admissions out of order as the line for entry', async () => {
    const kept = (name: LineName): QueueProof => {
      const line = new HonestLine(name, null);
      for (let count = 0; count < 3; count++) line.join();
      line.serve(1);
      line.serve(1);
      line.serve(0);
      return line.proof;
    };
    const seats = await verifyLine({ proof: kept('seats'), line: 'seats' });
    expect([seats.isValid, seats.counts.offersOutOfOrder, stateOf(seats, 'order')]).toEqual([true, 2, 'skipped']);
    const entry = await verifyEntry(kept('entry'));
    expect(entry.findings.map(({ check, n }) => [check, n])).toEqual([
      ['order', 4],
      ['order', 5],
    ]);
  });

  it('cannot have offers as the line for entry or admissions as the line for seats, because these could hide a wrong order', async () => {
    for (const [kept, asked] of [
      ['seats', 'entry'],
      ['entry', 'seats'],
    ] as const) {
      const line = new HonestLine(kept, null);
      line.join();
      line.serve();
      expect([await failing(line.proof, kept), await failing(line.proof, asked)]).toEqual([[], ['order']]);
    }
  });
});
