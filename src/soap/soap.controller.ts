import { Controller, Get, Header, HttpCode, Inject, Logger, Post, Req, Res, UseFilters } from '@nestjs/common';
import { raw, type Request, type Response } from 'express';
import { CallCost, CallLimits } from '../access/index.js';
import { CONFIG, type Config } from '../config/config.js';
import { clientAddress } from '../transport/client-address.js';
import { toErrorBody } from '../transport/error-body.js';
import { requireBodyType } from '../transport/request-format.guard.js';
import { serviceUrl } from '../transport/service-url.js';
import type { CallHeaders } from './soap-calls.service.js';
import { SoapEndpoint } from './soap-endpoint.service.js';
import { documentBytesMax, readEnvelope } from './soap-envelope.js';
import { sendFault, SoapFaultFilter, soapTypes, versionOf } from './soap-fault.filter.js';
import { wsdl } from './wsdl.js';

/** Reads and unzips the body. It stops as soon as the body is longer than the limit. */
const readBody = raw({ type: () => true, limit: documentBytesMax });

/** Accepted media types: SOAP 1.1, SOAP 1.2, and plain XML because some tools send it. */
const envelopeTypes = ['text/xml', 'application/soap+xml', 'application/xml'];

/** Serves `SearchMovies` and `ReserveSeats` to partners that integrate over SOAP. */
@Controller('soap')
export class SoapController {
  private readonly logger = new Logger(SoapController.name);

  constructor(
    private readonly endpoint: SoapEndpoint,
    private readonly limits: CallLimits,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  /** Returns the WSDL for every query string. Most tools request `?wsdl`. */
  @Get()
  @Header('Content-Type', 'text/xml; charset=utf-8')
  @Header('Cache-Control', 'no-cache')
  describe(@Req() request: Request): string {
    return wsdl(`${serviceUrl(request, this.config)}/soap`);
  }

  @Post()
  @CallCost('soap')
  @HttpCode(200)
  @UseFilters(SoapFaultFilter)
  async call(@Req() request: Request, @Res() response: Response): Promise<void> {
    let version = versionOf(request);
    try {
      requireBodyType(request, envelopeTypes);
      const envelope = readEnvelope(await bodyOf(request, response));
      version = envelope.version;
      const answer = await this.endpoint.answer(envelope, this.headersOf(request));
      response.status(200).type(soapTypes[version]).send(answer);
    } catch (thrown) {
      sendFault(response, version, toErrorBody(thrown, this.logger));
    }
  }

  private headersOf(request: Request): CallHeaders {
    return {
      address: clientAddress(request, this.config.proxyCount),
      charge: (kind) => this.limits.charge(request, kind),
      authorization: request.header('authorization'),
      'x-api-key': request.header('x-api-key'),
      'idempotency-key': request.header('idempotency-key'),
    };
  }
}

function bodyOf(request: Request, response: Response): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    readBody(request, response, (error?: unknown) => {
      if (error) reject(error instanceof Error ? error : new Error('the body cannot be read'));
      else resolve(Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0));
    });
  });
}
