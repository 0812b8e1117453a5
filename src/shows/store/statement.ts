import type { QueryResult } from 'pg';
import { createTimeout } from '../../database/query-timeout.js';

/** A statement with its values. Each connection prepares the statement once, under its name. */
export interface Statement {
  readonly name: string;
  readonly text: string;
  readonly values: unknown[];
}

/** Runs a statement in the transaction of a commit. */
export type RunStatement = (statement: Statement) => Promise<QueryResult>;

/**
 * Maximum time that a query waits for its answer. PostgreSQL's own limits are shorter and end a query first. This limit
 * is for a connection whose packets get lost, which TCP would report only after 15 minutes.
 */
const answerTimeoutMs = 8000;

/** Adds the time limit for its answer to a statement. */
export const withTimeout = createTimeout(answerTimeoutMs);

/** Converts numbers to the text of an SQL array. One parameter can then carry one array per booking. */
export const arrayText = (numbers: readonly number[]): string => `{${numbers.join(',')}}`;
