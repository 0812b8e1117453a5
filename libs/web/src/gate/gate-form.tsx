import { type FormEvent, useId, useState } from 'react';
import type { GateSettings } from './gate-settings.js';
import { ShowFinder } from './show-finder.js';

interface GateFormProps {
  readonly settings: GateSettings | null;
  readonly onSet: (settings: GateSettings) => void;
  readonly onForget: () => void;
}

/** Asks once for what a gate needs: its key, its show, its name. */
export function GateForm({ settings, onSet, onForget }: GateFormProps) {
  const id = useId();
  const [apiKey, setApiKey] = useState(settings?.apiKey ?? '');
  const [show, setShow] = useState(settings === null ? '' : String(settings.showId));
  const [name, setName] = useState(settings?.name ?? '');
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    onSet({ apiKey: apiKey.trim(), showId: Number(show), name: name.trim() });
  };
  return (
    <form className="panel gate-form" onSubmit={submit}>
      <label htmlFor={`${id}-key`}>Key of the gate</label>
      <input
        id={`${id}-key`}
        type="password"
        required
        autoComplete="off"
        value={apiKey}
        onChange={(event) => setApiKey(event.target.value)}
        aria-describedby={`${id}-key-help`}
      />
      <p id={`${id}-key-help`} className="secondary-text">
        An API key with the role gate. It is kept in this browser and sent to nobody but this service.
      </p>
      <label htmlFor={`${id}-show`}>Number of the show</label>
      <input
        id={`${id}-show`}
        required
        inputMode="numeric"
        pattern="[1-9][0-9]{0,14}"
        title="The number at the end of the address of the show’s page"
        autoComplete="off"
        value={show}
        onChange={(event) => setShow(event.target.value)}
      />
      <ShowFinder onFound={(showId) => setShow(String(showId))} />
      <label htmlFor={`${id}-name`}>What the gate is called (may stay empty)</label>
      <input
        id={`${id}-name`}
        maxLength={64}
        autoComplete="off"
        value={name}
        onChange={(event) => setName(event.target.value)}
      />
      <div className="actions">
        <button type="submit" className="button button-main">
          Open the gate
        </button>
        {settings !== null && (
          <button type="button" className="button" onClick={onForget}>
            Forget the key
          </button>
        )}
      </div>
    </form>
  );
}
