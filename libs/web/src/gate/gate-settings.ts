/** The settings of a gate. They stay in this browser, so the key appears in no address and in no log. */
export interface GateSettings {
  /** Null if the gate acts for the operator who has signed in with this browser. */
  readonly apiKey: string | null;
  readonly showId: number;
  /** Name of the gate. If it is empty, the name of the API key is used. */
  readonly name: string;
}

const storageKey = 'usher.gate';

/** Returns the stored settings, or null. */
export function readSettings(): GateSettings | null {
  try {
    const stored: unknown = JSON.parse(localStorage.getItem(storageKey) ?? 'null');
    if (typeof stored !== 'object' || stored === null) return null;
    const { apiKey, showId, name } = { apiKey: undefined, showId: null, name: null, ...stored };
    const isAllowed = apiKey === null || typeof apiKey === 'string';
    const isComplete = isAllowed && typeof showId === 'number' && typeof name === 'string';
    return isComplete ? { apiKey, showId, name } : null;
  } catch {
    return null;
  }
}

/** Stores the settings, or deletes them if they are null. */
export function storeSettings(settings: GateSettings | null): void {
  try {
    if (settings === null) localStorage.removeItem(storageKey);
    else localStorage.setItem(storageKey, JSON.stringify(settings));
  } catch {
    // The browser does not let this page store anything. The page asks for the settings again at the next visit.
  }
}
