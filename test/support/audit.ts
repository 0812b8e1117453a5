import { type AuditEntry, AuditEntry as AuditEntrySchema, endpoints } from '@usher/contract';
import { adminKey } from './api-keys.js';
import { parseJson, readJson } from './contract-shapes.js';

/** Reads the audit trail as an administrator does. */
export class AuditReader {
  /** @param url returns the service's address; called only at the first request */
  constructor(
    private readonly url: () => string,
    private readonly key = adminKey,
  ) {}

  /** Reads one page, newest first. */
  async page(query: Record<string, string | number> = {}) {
    return readJson(endpoints.listAuditEntries.answer, await this.fetch('', query));
  }

  /** Returns the newest entries that match the filters, newest first. */
  async list(query: Record<string, string | number> = {}): Promise<AuditEntry[]> {
    return (await this.page({ limit: 100, ...query })).items;
  }

  /** Exports entries in JSON Lines. */
  async exportEntries(query: Record<string, string | number> = {}): Promise<AuditEntry[]> {
    const text = await (await this.fetch('/export', query)).text();
    const lines = text.split('\n').filter((line) => line !== '');
    return lines.map((line) => parseJson(AuditEntrySchema, new TextEncoder().encode(line)));
  }

  fetch(path: string, query: Record<string, string | number> = {}): Promise<Response> {
    const search = new URLSearchParams();
    for (const [name, value] of Object.entries(query)) search.set(name, String(value));
    return fetch(`${this.url()}/v1/admin/audit${path}?${search.toString()}`, { headers: { 'x-api-key': this.key } });
  }
}
