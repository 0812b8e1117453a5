import type { StandardSchemaV1 } from '@standard-schema/spec';
import type { HallUpload, HallUploadPatch } from '../catalog/index.js';
import { WorkerThread } from '../common/worker-thread.js';
import type { HallOrder, HallReading } from './hall-worker.js';

/**
 * Reads and checks the bodies of halls. To parse and check a layout of 2,000 seats takes 20 ms, and one of 100,000 seats a
 * second, so this runs on a thread of its own.
 */
const thread = new WorkerThread<HallOrder, HallReading>('hall-worker', import.meta.url, 'layouts');

/**
 * The body of a request for a hall, which a thread of its own has read. Guards and the idempotency key see the fields of
 * this object. The handler gets the whole hall through {@link UploadSchema} or {@link UploadPatchSchema}.
 */
export class UploadedHall {
  readonly cinemaId: unknown;
  readonly name: string | undefined;
  /** The digest of the layout. */
  readonly layout: string | undefined;
  /** It is private, so that no code copies the texts of the layout. */
  readonly #reading: HallReading;

  private constructor(reading: HallReading) {
    this.cinemaId = reading.cinemaId;
    this.name = reading.hall?.name;
    this.layout = reading.hall?.layout?.digest;
    this.#reading = reading;
  }

  /**
   * Reads a body.
   *
   * @param owner the API key or the person with whose other uploads this one takes turns
   * @throws DomainError `RATE_LIMITED` or `BUSY` if too many layouts are waiting
   */
  static async read(schema: HallOrder['schema'], json: Uint8Array<ArrayBuffer>, owner: string): Promise<UploadedHall> {
    return new UploadedHall(await thread.run({ schema, json }, owner));
  }

  get result(): StandardSchemaV1.Result<HallReading['hall'] & object> {
    const { hall, issues } = this.#reading;
    return hall ? { value: hall } : { issues };
  }
}

const createSchema = <Body>(): StandardSchemaV1<unknown, Body> => ({
  '~standard': {
    version: 1,
    vendor: 'usher',
    validate: (body) =>
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the thread has checked the body by the schema of its method
      (body instanceof UploadedHall
        ? body.result
        : { issues: [{ message: 'Send a hall as JSON.' }] }) as StandardSchemaV1.Result<Body>,
  },
});

/** Like `HallBody` of the contract, for a body that is an {@link UploadedHall}. */
export const UploadSchema = createSchema<HallUpload>();

/** Like `HallPatch` of the contract, for a body that is an {@link UploadedHall}. */
export const UploadPatchSchema = createSchema<HallUploadPatch>();
