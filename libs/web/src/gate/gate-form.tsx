import type { Operator } from '@usher/contract';
import { type FormEvent, useId, useState } from 'react';
import type { GateSettings } from './gate-settings.js';
import { ShowFinder } from './show-finder.js';

interface GateFormProps {
  readonly settings: GateSettings | null;
  /** The person who has signed in. The gate then needs no key. */
  readonly operator: Operator | null;
  readonly onSubmit: (settings: GateSettings) => void;
  /** Deletes the stored settings. */
  readonly onDelete: () => void;
}

/** Asks for the settings of a gate: its key unless a person has signed in, its show and its name. */
export function GateForm({ settings, operator, onSubmit, onDelete }: GateFormProps) {
  const id = useId();
  const [apiKey, setApiKey] = useState(settings?.apiKey ?? '');
  const [showNumber, setShowNumber] = useState(settings === null ? '' : String(settings.showId));
  const [name, setName] = useState(settings?.name ?? '');
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    onSubmit({ apiKey: operator === null ? apiKey.trim() : null, showId: Number(showNumber), name: name.trim() });
  };
  return (
    <form className="panel gate-form" onSubmit={submit}>
      {operator === null && <KeyField value={apiKey} onChange={setApiKey} />}
      <label htmlFor={`${id}-show`}>Show number</label>
      <input
        id={`${id}-show`}
        required
        inputMode="numeric"
        pattern="[1-9][0-9]{0,14}"
        title="The number at the end of the address of the show’s page"
        autoComplete="off"
        value={showNumber}
        onChange={(event) => setShowNumber(event.target.value)}
      />
      <ShowFinder onFound={(showId) => setShowNumber(String(showId))} />
      <label htmlFor={`${id}-name`}>Gate name (optional)</label>
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
          <button type="button" className="button" onClick={onDelete}>
            {settings.apiKey === null ? 'Delete the settings' : 'Delete the key'}
          </button>
        )}
      </div>
    </form>
  );
}

interface KeyFieldProps {
  readonly value: string;
  readonly onChange: (value: string) => void;
}

function KeyField({ value, onChange }: KeyFieldProps) {
  const id = useId();
  return (
    <>
      <label htmlFor={id}>Gate key</label>
      <input
        id={id}
        type="password"
        required
        autoComplete="off"
        value={value}
        onChange={(event) => onChange(event.target.value)}
        aria-describedby={`${id}-help`}
      />
      <p id={`${id}-help`} className="secondary-text">
        An API key with the role “gate”. This browser stores it and sends it only to this service.
      </p>
    </>
  );
}
