import type { ShowTerms } from '../model/show-terms.js';
import { termsKindOf } from './change-kinds.js';
import type { TermsChange } from './show-change.js';

/**
 * Returns the terms after a change. Terms from the catalog may be newer than the part of the log that the node has
 * read. Such terms already include the change, so they are returned unchanged.
 */
export function termsAfterChange(terms: ShowTerms, change: TermsChange): ShowTerms {
  const { termsVersion } = change;
  if (termsVersion === undefined) return termsKindOf(change).termsAfter(terms, change);
  if (termsVersion <= terms.termsVersion) return terms;
  return { ...termsKindOf(change).termsAfter(terms, change), termsVersion };
}
