import { Injectable, type OnModuleInit } from '@nestjs/common';
import { listen, type Server } from 'soap';
import type { Operation } from './soap-contract.js';
import { type CallFields, type CallHeaders, SoapCalls } from './soap-calls.service.js';
import type { Envelope, SoapVersion } from './soap-envelope.js';
import { wsdl } from './wsdl.js';
import { writable } from './xml-text.js';

/** Elements come as their text: it is the contract's schemas that say what is a number or a time. */
const asText = (text: string): string => text;
const deserializers = Object.fromEntries(['int', 'double', 'boolean', 'dateTime'].map((type) => [type, asText]));

/** A call under way: what it is answered with, or why not, besides the envelope. */
interface Call {
  readonly headers: CallHeaders;
  failure?: { readonly thrown: unknown };
}

/** What the package hands on of the request that it was given. */
interface CallRequest {
  readonly connection: Call;
}

/** Reads envelopes and writes answers by the package `soap`; one server for each version of SOAP. */
@Injectable()
export class SoapDoor implements OnModuleInit {
  private servers: Readonly<Record<SoapVersion, Server>> | null = null;

  constructor(private readonly calls: SoapCalls) {}

  async onModuleInit(): Promise<void> {
    this.servers = { '1.1': await this.serve(false), '1.2': await this.serve(true) };
  }

  /**
   * Does what an envelope asks for.
   *
   * @returns the envelope of the answer
   * @throws whatever the call throws, DomainError among it
   */
  async answer({ version, xml }: Envelope, headers: CallHeaders): Promise<string> {
    const server = this.servers?.[version];
    if (!server) throw new Error('the door is not open yet');
    const call: Call = { headers };
    const { body, statusCode } = await server.processRequest(xml, { connection: call });
    if (call.failure) throw call.failure.thrown;
    if (statusCode !== 200) throw new Error(`the SOAP package answered ${statusCode}: ${body}`);
    return body;
  }

  private serve(forceSoap12Headers: boolean): Promise<Server> {
    const ports = {
      SearchMovies: this.port((fields, headers) => this.calls.searchMovies(fields, headers)),
      ReserveSeats: this.port((fields, headers) => this.calls.reserveSeats(fields, headers)),
    } satisfies Record<Operation, unknown>;
    return new Promise((resolve, reject) => {
      const options = {
        path: '/soap',
        xml: wsdl('/soap'),
        services: { Usher: { UsherSoap11: ports, UsherSoap12: ports } },
        forceSoap12Headers,
        customDeserializer: deserializers,
        callback: (error: Error | null, server: Server) => {
          if (error) reject(error);
          else resolve(server);
        },
      };
      listen(null, options);
    });
  }

  /** A call as the package makes it. What fails is kept beside: a fault is not the package's to word. */
  private port(call: (fields: CallFields, headers: CallHeaders) => Promise<object>) {
    return async (
      args: unknown,
      _callback: unknown,
      _headers: unknown,
      { connection }: CallRequest,
    ): Promise<unknown> => {
      try {
        return writable(await call(fieldsOf(args), connection.headers));
      } catch (thrown) {
        connection.failure = { thrown };
        return {};
      }
    };
  }
}

/** Elements that say nothing are left out; attributes too, and an element with some is its text. */
function fieldsOf(args: unknown): CallFields {
  if (typeof args !== 'object' || args === null) return {};
  return Object.fromEntries(
    Object.entries(args)
      .filter(([name]) => name !== 'attributes')
      .map(
        ([name, value]: [string, unknown]) =>
          [name, Array.isArray(value) ? value.map(fieldOf) : fieldOf(value)] as const,
      )
      .filter(([, value]) => value !== undefined && value !== ''),
  );
}

function fieldOf(value: unknown): unknown {
  if (value === null) return undefined;
  if (typeof value !== 'object') return value;
  return '$value' in value ? value.$value : fieldsOf(value);
}
