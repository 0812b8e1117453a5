import { useEffect, useState } from 'react';
import { Page } from '../ui/page.js';
import { GateForm } from './gate-form.js';
import { type GateSettings, storeSettings, readSettings } from './gate-settings.js';
import { cacheGatePage } from './cache-page.js';
import { Scanner } from './scanner.js';
import './gate.css';

/** For staff at the door: lets tickets in by camera, by a scanner that types, or by hand; also without the network. */
export function GatePage() {
  const [settings, setSettings] = useState(readSettings);
  const [isSetting, setIsSetting] = useState(settings === null);

  useEffect(() => {
    void cacheGatePage();
  }, []);

  const set = (next: GateSettings | null): void => {
    storeSettings(next);
    setSettings(next);
    setIsSetting(next === null);
  };

  if (settings === null || isSetting) {
    return (
      <Page title="Gate" lead="Lets tickets in, each once. It goes on when the network is lost.">
        {/* A form of its own once the key is forgotten: what was typed goes with it. */}
        <GateForm
          key={settings === null ? 'new' : 'known'}
          settings={settings}
          onSet={set}
          onForget={() => set(null)}
        />
      </Page>
    );
  }
  return <Scanner key={JSON.stringify(settings)} settings={settings} onSetUp={() => setIsSetting(true)} />;
}
