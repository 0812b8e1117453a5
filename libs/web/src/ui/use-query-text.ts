import { useCallback, useState } from 'react';

/** What a search field has room for. */
const queryLengthMax = 100;

/** A search's text that stays in the page's address (`?q=`), so that who goes back finds what they had found. */
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
    // Some browsers refuse when somebody types very fast; the address of the next letter is written again.
  }
}
