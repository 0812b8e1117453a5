import { Injectable, type OnModuleInit } from '@nestjs/common';
import { listen, type Server } from 'soap';
import type { Operation } from './soap-contract.js';
import { type CallFields, type CallHeaders, SoapCalls } from './soap-calls.service.js';
import type { Envelope, SoapVersion } from './soap-envelope.js';
import { wsdl } from './wsdl.js';
import { toWritable } from './xml-text.js';

/** Keeps the text of an element, because the contract's schemas parse numbers and times later. */
const asText = (text: string): string => text;
const deserializers = Object.fromEntries(['int', 'double', 'boolean', 'dateTime'].map((type) => [type, asText]));

/** State of one call while the package processes it: the request's headers, and the error if the call failed. */
interface Call {
  readonly headers: CallHeaders;
  failure?: { readonly thrown: unknown };
}

/** The request object that the package passes to a handler. */
interface CallRequest {
  readonly connection: Call;
}

/** Executes envelopes and writes the answers with the package `soap`, which needs one server per SOAP version. */
@Injectable()
export class SoapEndpoint implements OnModuleInit {
  private servers: Readonly<Record<SoapVersion, Server>> | null = null;

  constructor(private readonly calls: SoapCalls) {}

  async onModuleInit(): Promise<void> {
    this.servers = { '1.1': await this.createServer(false), '1.2': await this.createServer(true) };
  }

  /**
   * Executes the call in an envelope.
   *
   * @returns the envelope of the answer
   * @throws DomainError or any other error of the call
   */
  async answer({ version, xml }: Envelope, headers: CallHeaders): Promise<string> {
    const server = this.servers?.[version];
    if (!server) throw new Error('the SOAP servers are not created yet');
    const call: Call = { headers };
    const { body, statusCode } = await server.processRequest(xml, { connection: call });
    if (call.failure) throw call.failure.thrown;
    if (statusCode !== 200)
      throw new Error(`the SOAP package answered with status ${statusCode} instead of 200: ${body}`);
    return body;
  }

  private createServer(forceSoap12Headers: boolean): Promise<Server> {
    const ports = {
      SearchMovies: this.createHandler((fields, headers) => this.calls.searchMovies(fields, headers)),
      ReserveSeats: this.createHandler((fields, headers) => this.calls.reserveSeats(fields, headers)),
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

  /**
   * Creates the handler that the package calls for an operation. The handler stores an error in the call instead of throwing
   * it, because the package must not write the fault.
   */
  private createHandler(call: (fields: CallFields, headers: CallHeaders) => Promise<object>) {
    return async (
      args: unknown,
      _callback: unknown,
      _headers: unknown,
      { connection }: CallRequest,
    ): Promise<unknown> => {
      try {
        return toWritable(await call(fieldsOf(args), connection.headers));
      } catch (thrown) {
        connection.failure = { thrown };
        return {};
      }
    };
  }
}

/** Returns the fields of a parsed element without attributes and without empty elements. */
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

/** Returns the value of a field. The package parses an element with attributes as an object with the text in `$value`. */
function fieldOf(value: unknown): unknown {
  if (value === null) return undefined;
  if (typeof value !== 'object') return value;
  return '$value' in value ? value.$value : fieldsOf(value);
}
