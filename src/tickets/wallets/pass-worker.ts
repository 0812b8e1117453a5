import { parentPort } from 'node:worker_threads';
import { PKPass } from 'passkit-generator';

/** The data of a pass, which the main thread sends to the worker thread. */
export interface PassOrder {
  readonly images: Readonly<Record<string, Uint8Array>>;
  readonly certificates: NonNullable<ConstructorParameters<typeof PKPass>[1]>;
  readonly props: NonNullable<ConstructorParameters<typeof PKPass>[2]>;
  readonly fields: Readonly<
    Record<'primaryFields' | 'secondaryFields' | 'auxiliaryFields' | 'backFields', PKPass['primaryFields']>
  >;
  /** The content of the QR code. */
  readonly code: string;
  /** The text under the QR code. */
  readonly codeText: string;
  readonly startsAt: Date;
  readonly place: { readonly latitude: number; readonly longitude: number };
}

function createPass({ images, certificates, props, fields, code, codeText, startsAt, place }: PassOrder): Buffer {
  const files = Object.entries(images).map(([name, content]) => [name, Buffer.from(content)] as const);
  const pass = new PKPass(Object.fromEntries(files), certificates, props);
  pass.type = 'eventTicket';
  pass.primaryFields.push(...fields.primaryFields);
  pass.secondaryFields.push(...fields.secondaryFields);
  pass.auxiliaryFields.push(...fields.auxiliaryFields);
  pass.backFields.push(...fields.backFields);
  pass.setBarcodes({
    format: 'PKBarcodeFormatQR',
    message: code,
    messageEncoding: 'iso-8859-1',
    altText: codeText,
  });
  pass.setRelevantDate(startsAt);
  pass.setLocations(place);
  return pass.getAsBuffer();
}

// An exception ends this thread. The main thread receives the exception as the error of the pending request.
parentPort?.on('message', (order: PassOrder) => parentPort?.postMessage(createPass(order), []));
