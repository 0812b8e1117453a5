/** The API key or the import that changed a show. It contains the id and the name of the key, never its secret. */
export interface Actor {
  /** Null for the API key from the settings, and for an import. */
  readonly keyId: string | null;
  readonly name: string;
}

/**
 * The reason for a change and its actor; null if unknown. Absent in log entries of releases that did not store them.
 */
export interface Administered {
  readonly reason?: string | null;
  readonly by?: Actor | null;
}
