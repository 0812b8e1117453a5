import { useEffect, useState } from 'react';
import { Page } from '../ui/page.js';
import { cacheGatePage } from './cache-page.js';
import { GateForm } from './gate-form.js';
import { type GateSettings, readSettings, storeSettings } from './gate-settings.js';
import { useOperator } from './operator.js';
import { OperatorPanel } from './operator-panel.js';
import { Scanner } from './scanner.js';
import './gate.css';

/**
 * The page for staff at the entrance. Staff scan tickets with the camera or a keyboard scanner, or type the codes. The page
 * also works without the network.
 */
export function GatePage() {
  const [settings, setSettings] = useState(readSettings);
  const [isEditing, setIsEditing] = useState(settings === null);
  const access = useOperator();

  useEffect(() => {
    void cacheGatePage();
  }, []);

  const applySettings = (next: GateSettings | null): void => {
    storeSettings(next);
    setSettings(next);
    setIsEditing(next === null);
  };

  const signOut = async (): Promise<void> => {
    await access?.signOut();
    // Without the operator, these settings admit nobody.
    if (settings?.apiKey === null) applySettings(null);
  };
  const operatorPanel = access && <OperatorPanel access={{ ...access, signOut }} />;

  if (settings === null || isEditing) {
    return (
      <Page title="Gate" lead="Admits each ticket once. It also works without the network.">
        {operatorPanel}
        {/* This `key` creates a new form after the gate key was deleted, so the old input disappears. */}
        <GateForm
          key={settings === null ? 'new' : 'known'}
          settings={settings}
          operator={access?.operator ?? null}
          onSubmit={applySettings}
          onDelete={() => applySettings(null)}
        />
      </Page>
    );
  }
  return (
    <Scanner key={JSON.stringify(settings)} settings={settings} onEditSettings={() => setIsEditing(true)}>
      {operatorPanel}
    </Scanner>
  );
}
