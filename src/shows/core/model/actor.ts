/** Who of those who run the programme changed a show: an API key by its id and name, never by itself, or the import. */
export interface Actor {
  /** Null: the key of the settings, or the import. */
  readonly keyId: string | null;
  readonly name: string;
}

/** Why a show was changed and by whom; null: not known. Absent in the log of releases that did not keep it. */
export interface Administered {
  readonly reason?: string | null;
  readonly by?: Actor | null;
}
