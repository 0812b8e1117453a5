/** What a gate is, as its staff has set it. It stays in this browser: in no address, in no log. */
export interface GateSettings {
  readonly apiKey: string;
  readonly showId: number;
  /** What the gate is called; empty: as its key. */
  readonly name: string;
}

const storageKey = 'usher.gate';

/** The kept settings, or null. */
export function readSettings(): GateSettings | null {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(storageKey) ?? 'null');
    if (typeof kept !== 'object' || kept === null) return null;
    const { apiKey, showId, name } = { apiKey: null, showId: null, name: null, ...kept };
    const isWhole = typeof apiKey === 'string' && typeof showId === 'number' && typeof name === 'string';
    return isWhole ? { apiKey, showId, name } : null;
  } catch {
    return null;
  }
}

/** Keeps the settings; null forgets them. A browser that keeps nothing asks for them again at the next visit. */
export function storeSettings(settings: GateSettings | null): void {
  try {
    if (settings === null) localStorage.removeItem(storageKey);
    else localStorage.setItem(storageKey, JSON.stringify(settings));
  } catch {
    // As above.
  }
}
