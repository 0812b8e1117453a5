import { useCallback, useState } from 'react';

/** Maximum length of a search field. */
const queryLengthMax = 100;

/** Keeps a search text in the page's address (`?q=`), so that the user finds the same results after going back. */
export function useQueryText(): readonly [string, (text: string) => void] {
  const [text, setText] = useState(() =>
    (new URLSearchParams(location.search).get('q') ?? '').slice(0, queryLengthMax),
  );
  const change = useCallback((next: string) => {
    setText(next);
    writeQueryToAddress(next);
  }, []);
  return [text, change];
}

function writeQueryToAddress(text: string): void {
  const url = new URL(location.href);
  if (text === '') url.searchParams.delete('q');
  else url.searchParams.set('q', text);
  try {
    history.replaceState(history.state, '', url);
  } catch {
    // Some browsers refuse this call when the user types very fast. The next letter writes the address again.
  }
}
