/** The API key or the import that changed a show. It has the id and the name of the key, and never its secret. */
export interface Actor {
  /** Null for the key of the settings and for the import. */
  readonly keyId: string | null;
  readonly name: string;
}

/** The reason for a change and its actor; null if unknown. Absent in the log of releases that did not store them. */
export interface Administered {
  readonly reason?: string | null;
  readonly by?: Actor | null;
}
