import { useCallback } from 'react';
import { LoadView } from '../service/load-view.js';
import { isNotFoundError } from '../service/refusals.js';
import { useLoad } from '../service/use-load.js';
import { useUsher } from '../service/usher-context.js';
import { NotFoundPage } from '../ui/not-found-page.js';
import { Page } from '../ui/page.js';
import { LoadedShow } from './loaded-show.js';
import { useShow } from './use-show.js';

/** The page of a show with its live seat map. */
export function ShowPage({ showId }: { readonly showId: number }) {
  const { catalog } = useUsher();
  const open = useShow(showId);
  const read = useCallback(async () => {
    const [show, layout] = await Promise.all([catalog.show(showId), catalog.layout(showId)]);
    return { show, layout };
  }, [catalog, showId]);
  const load = useLoad(read);

  if (load.state === 'ready' && open !== null) return <LoadedShow {...load.value} {...open} />;
  if (load.state === 'failed' && isNotFoundError(load.error)) return <NotFoundPage />;
  return (
    <Page title="Seats" crumbs={[{ href: '/', text: 'Cities' }]}>
      <LoadView load={load.state === 'ready' ? { state: 'loading' } : load} what="show">
        {() => null}
      </LoadView>
    </Page>
  );
}
