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

  get reading(): HallReading {
    return this.#reading;
  }
}

type CheckedHall = NonNullable<HallReading['hall']>;

/** @param read returns the fields of a checked hall as the handler gets them, or null if a field is missing */
const createSchema = <Body>(read: (hall: CheckedHall) => Body | null): StandardSchemaV1<unknown, Body> => ({
  '~standard': {
    version: 1,
    vendor: 'usher',
    validate: (body) => {
      if (!(body instanceof UploadedHall)) return { issues: [{ message: 'Send a hall as JSON.' }] };
      const { hall, issues } = body.reading;
      const value = hall && read(hall);
      return value === null ? { issues } : { value };
    },
  },
});

/** Like `HallBody` of the contract, for a body that is an {@link UploadedHall}. */
export const UploadSchema = createSchema<HallUpload>(({ cinemaId, name, layout }) =>
  cinemaId === undefined || name === undefined || layout === undefined ? null : { cinemaId, name, layout },
);

/** Like `HallPatch` of the contract, for a body that is an {@link UploadedHall}. */
export const UploadPatchSchema = createSchema<HallUploadPatch>((hall) => hall);
