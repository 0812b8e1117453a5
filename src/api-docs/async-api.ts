import {
  clientEvents,
  errorCodes,
  errorSchema,
  isErrorCode,
  seatCodec,
  serverEvents,
  SocketAuth,
} from '@usher/contract';
import type { z } from 'zod';
import { type Json, SchemaComponents } from './json-schemas.js';

const description = `Usher's live events over Socket.IO 4: path \`/socket.io\`, namespace \`/\`, WebSocket or HTTP long polling.
Each channel is one event. The message \`answer\` of a channel is the acknowledgement of its event. The \`auth\` of the
handshake has the shape \`SocketAuth\`. A socket without a token receives a new session in the event \`session\`. The service
refuses an unknown key in a payload or in \`auth\` with \`INVALID_REQUEST\`.

${seatCodec}`;

/** An event as the contract defines it: its payload, summary, acknowledgement and recipients. */
interface Event {
  readonly payload: z.ZodType;
  readonly summary: string;
  readonly answer?: z.ZodType;
  readonly to?: string;
}

/** Builds the AsyncAPI 3.0 document of the socket events from the contract's schemas. */
export function asyncApiDocument(): Json {
  const components = new SchemaComponents('draft-07');
  components.add('SocketAuth', components.of(SocketAuth, 'input'));
  const refusal = refusalSchema(components);
  const fromClient = Object.entries<Event>(clientEvents);
  const fromServer = Object.entries<Event>(serverEvents);
  return {
    asyncapi: '3.0.0',
    info: { title: 'Usher', version: '1', description, license: { name: 'MIT' } },
    defaultContentType: 'application/json',
    servers: { usher: { host: 'localhost:3000', pathname: '/socket.io', protocol: 'ws' } },
    channels: Object.fromEntries([
      ...fromClient.map(([name, event]) => [id(name), requestChannel(name, event, refusal, components)]),
      ...fromServer.map(([name, event]) => [id(name), eventChannel(name, event, components)]),
    ]),
    operations: Object.fromEntries([
      ...fromClient.map(([name, { summary }]) => [id(name), receiveOperation(name, summary)]),
      ...fromServer.map(([name, { summary }]) => [id(name), sendOperation(name, summary)]),
    ]),
    components: { schemas: components.schemas },
  };
}

/** Converts the name of an event to a key of the document. Keys must not contain the colon of names like `show:join`. */
const id = (name: string) => name.replaceAll(':', '.');
const channelRef = (name: string) => ({ $ref: `#/channels/${id(name)}` });
const messageRef = (name: string, message: string) => ({ $ref: `#/channels/${id(name)}/messages/${message}` });

function requestChannel(name: string, event: Event, refusal: Json, components: SchemaComponents): Json {
  const granted = {
    allOf: [
      { type: 'object', properties: { ok: { const: true } }, required: ['ok'] },
      ...(event.answer ? [components.of(event.answer, 'output')] : []),
    ],
  };
  return {
    address: name,
    messages: {
      request: { name, summary: event.summary, payload: components.of(event.payload, 'input') },
      answer: { name: `${name} answer`, payload: { oneOf: [granted, refusal] } },
    },
  };
}

function eventChannel(name: string, event: Event, components: SchemaComponents): Json {
  return {
    address: name,
    description: `Sent to ${event.to ?? 'the socket'}`,
    messages: { event: { name, summary: event.summary, payload: components.of(event.payload, 'output') } },
  };
}

const receiveOperation = (name: string, summary: string) => ({
  action: 'receive',
  summary,
  channel: channelRef(name),
  messages: [messageRef(name, 'request')],
  reply: { channel: channelRef(name), messages: [messageRef(name, 'answer')] },
});

const sendOperation = (name: string, summary: string) => ({
  action: 'send',
  summary,
  channel: channelRef(name),
  messages: [messageRef(name, 'event')],
});

/** Describes the acknowledgement of a refused event. Its field `error` is the same error body as in REST. */
function refusalSchema(components: SchemaComponents): Json {
  const codes = Object.keys(errorCodes).filter(isErrorCode);
  const error = components.add('Error', { oneOf: codes.map((code) => components.of(errorSchema(code), 'output')) });
  return components.add('Refusal', {
    type: 'object',
    properties: { ok: { const: false }, error },
    required: ['ok', 'error'],
  });
}
