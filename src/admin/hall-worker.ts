import { hash } from 'node:crypto';
import { parentPort } from 'node:worker_threads';
import { HallBody, HallPatch, type LayoutBody } from '@usher/contract';
import type { LayoutTexts } from '../catalog/index.js';

const schemas = { HallBody, HallPatch };

/** A body to read. */
export interface HallOrder {
  readonly schema: keyof typeof schemas;
  /** The body as it arrived. */
  readonly json: Uint8Array;
}

/** A problem of a body, as in the error `INVALID_REQUEST`. */
export interface HallIssue {
  readonly path?: PropertyKey[];
  readonly message: string;
}

/** The result of reading a body. */
export interface HallReading {
  /** The field `cinemaId` as the caller wrote it, also if the body is invalid. Undefined if the body has no such field. */
  readonly cinemaId: unknown;
  /** The valid body, or null. A field that the body leaves out is undefined. */
  readonly hall: {
    readonly cinemaId: number | undefined;
    readonly name: string | undefined;
    readonly layout: LayoutTexts | undefined;
  } | null;
  /** Why the body is invalid. Empty if it is valid. */
  readonly issues: readonly HallIssue[];
}

function read({ schema, json }: HallOrder): HallReading {
  const parsed = parse(json);
  if ('problem' in parsed) return { cinemaId: undefined, hall: null, issues: [{ message: parsed.problem }] };
  const cinemaId = cinemaIdOf(parsed.body);
  const { success, data, error } = schemas[schema].safeParse(parsed.body);
  if (!success) {
    return { cinemaId, hall: null, issues: error.issues.map(({ path, message }) => ({ path, message })) };
  }
  const layout = data.layout && toTexts(data.layout);
  return { cinemaId, hall: { cinemaId: data.cinemaId, name: data.name, layout }, issues: [] };
}

function parse(json: Uint8Array): { readonly body: unknown } | { readonly problem: string } {
  try {
    return { body: JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(json)) };
  } catch (error) {
    const reason = error instanceof SyntaxError ? error.message : 'it is not UTF-8';
    return { problem: `The body is not valid JSON: ${reason}` };
  }
}

/** A malformed id that is no number or text becomes null, because the main thread need not copy it. */
function cinemaIdOf(body: unknown): unknown {
  if (typeof body !== 'object' || body === null || !('cinemaId' in body)) return undefined;
  return typeof body.cinemaId === 'object' ? null : body.cinemaId;
}

function toTexts({ width, height, stage, sections, seats }: LayoutBody): LayoutTexts {
  const texts = {
    stage: stage && JSON.stringify(stage),
    sections: JSON.stringify(sections),
    seats: JSON.stringify(seats),
  };
  // The schemas write the fields of the layout in their own order, so equal layouts have equal texts.
  const digest = hash('sha256', JSON.stringify([width, height, texts.stage, texts.sections, texts.seats]), 'base64url');
  return { digest, seatCount: seats.length, width, height, ...texts };
}

parentPort?.on('message', (order: HallOrder) => parentPort?.postMessage(read(order), []));
