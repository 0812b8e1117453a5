import type { QueryResult } from 'pg';
import { createTimeout } from '../../database/query-timeout.js';

/** A statement with its values. Connections prepare it under its name once. */
export interface Statement {
  readonly name: string;
  readonly text: string;
  readonly values: unknown[];
}

/** Runs a statement in the transaction of a commit. */
export type RunStatement = (statement: Statement) => Promise<QueryResult>;

/**
 * Maximum time that a query waits for its answer. PostgreSQL's own limits are shorter and end a query first. This limit
 * is for a connection whose packets get lost, which TCP alone would report after 15 minutes.
 */
const answerTimeoutMs = 8000;

/** Adds the time limit for the answer to a statement. */
export const withTimeout = createTimeout(answerTimeoutMs);

/** Writes numbers as the text of an SQL array. One parameter can then carry one array per booking. */
export const arrayText = (numbers: readonly number[]): string => `{${numbers.join(',')}}`;
