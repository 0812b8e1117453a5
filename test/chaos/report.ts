import type { Verdict } from './checker/check.js';
import { excerpt, type Violation } from './checker/violation.js';
import type { Entry } from './history.js';

/** The figures of a run. */
export interface Report {
  readonly seed: number;
  readonly seconds: number;
  /** Number of faults by name. */
  readonly faults: Readonly<Record<string, number>>;
  /** Number of calls by event. */
  readonly operations: Readonly<Record<string, number>>;
  readonly acknowledged: number;
  /** Number of refusals by error code. */
  readonly refused: Readonly<Record<string, number>>;
  /** Number of calls without an answer. */
  readonly unknown: number;
  /** Number of received events by name. */
  readonly received: Readonly<Record<string, number>>;
  readonly connections: number;
  readonly mapsCompared: number;
  /** Share of the run, from 0 to 1, in which the machine was too busy for fair checks of time limits. */
  readonly overloaded: number;
  readonly holds: { readonly undisturbed: Quantiles; readonly all: Quantiles };
  readonly violations: readonly Violation[];
}

interface Quantiles {
  readonly count: number;
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

/** Makes the report of a run from the history and from the result of the checks. */
export function makeReport(entries: readonly Entry[], verdict: Verdict): Report {
  const run = entries.find((entry) => entry.kind === 'run');
  const [first, last] = [entries[0]?.t ?? 0, entries.at(-1)?.t ?? 0];
  const answers = entries.flatMap((entry) => (entry.kind === 'answer' ? [entry.answer] : []));
  return {
    seed: run?.seed ?? 0,
    seconds: Math.round((last - first) / 1000),
    faults: count(
      entries.flatMap((entry) => (entry.kind === 'fault' && entry.phase === 'begins' ? [entry.fault] : [])),
    ),
    operations: count(entries.flatMap((entry) => (entry.kind === 'call' ? [entry.event] : []))),
    acknowledged: answers.filter(({ ok }) => ok).length,
    refused: count(answers.flatMap((answer) => (answer.ok ? [] : [answer.error.code]))),
    unknown: entries.filter(({ kind }) => kind === 'lost').length,
    received: count(entries.flatMap((entry) => (entry.kind === 'received' ? [entry.event] : []))),
    connections: entries.filter(({ kind }) => kind === 'connected').length,
    mapsCompared: verdict.mapsCompared,
    overloaded: entries.reduce((sum, entry) => sum + (entry.kind === 'overload' ? entry.ms : 0), 0) / (last - first),
    holds: { undisturbed: quantiles(verdict.lateness.undisturbed), all: quantiles(verdict.lateness.all) },
    violations: verdict.violations,
  };
}

function count(names: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const name of names.toSorted()) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}

/** Returns the quantiles of values that are already sorted. */
function quantiles(sorted: readonly number[]): Quantiles {
  const at = (share: number) => Math.round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0);
  return { count: sorted.length, p50: at(0.5), p99: at(0.99), max: at(1) };
}

/** Maximum number of violations that the report prints in full. */
const printedViolationsMax = 5;

/** Formats the report as text. Below each violation, the text quotes the history entries that show it. */
export function formatReport(report: Report, entries: readonly Entry[]): string {
  const list = (counts: Readonly<Record<string, number>>) =>
    Object.entries(counts)
      .map(([name, number]) => `${name} ${number}`)
      .join(', ') || 'none';
  const late = ({ count: number, p50, p99, max }: Quantiles) =>
    `${number}, late by p50 ${p50} ms, p99 ${p99} ms, at most ${max} ms`;
  const lines = [
    `seed ${report.seed}, ${report.seconds} s`,
    `faults        ${list(report.faults)}`,
    `operations    ${list(report.operations)}`,
    `acknowledged  ${report.acknowledged}`,
    `refused       ${list(report.refused)}`,
    `unknown       ${report.unknown}`,
    `received      ${list(report.received)}`,
    `connections   ${report.connections}`,
    `last maps     ${report.mapsCompared} compared with the database`,
    `overloaded    ${Math.round(report.overloaded * 100)}% of the time`,
    `holds expired ${late(report.holds.undisturbed)} without a fault; all holds: ${late(report.holds.all)}`,
    `violations    ${report.violations.length}`,
  ];
  for (const violation of report.violations.slice(0, printedViolationsMax)) {
    lines.push('', `✗ ${violation.promise}: ${violation.description}`, excerpt(entries, violation));
  }
  return `${lines.join('\n')}\n`;
}
