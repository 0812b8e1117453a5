import type { NoticedChange } from './show-log.js';
import type { ShowTerms } from '../model/show-terms.js';

/**
 * The terms after a change that the log has. Terms that were read from the catalog may be newer than the log as far as it
 * was read; then they stay.
 */
export function withChange(terms: ShowTerms, change: NoticedChange): ShowTerms {
  const { termsVersion = terms.termsVersion } = change;
  if (change.termsVersion !== undefined && termsVersion <= terms.termsVersion) return terms;
  return change.type === 'termsChanged' ? { ...terms, ...change.terms, termsVersion } : { ...terms, termsVersion };
}
