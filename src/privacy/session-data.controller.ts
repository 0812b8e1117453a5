import { Controller, Delete, Get, Header, UseGuards } from '@nestjs/common';
import type { SessionData, SessionErased } from '@usher/contract';
import { CallCost, SessionGuard, SessionId } from '../access/index.js';
import { SessionEraser } from './session-eraser.service.js';
import { SessionExporter } from './session-exporter.service.js';

/** REST calls with which a buyer exports and erases the data of the session. */
@Controller('v1/session/data')
@UseGuards(SessionGuard)
export class SessionDataController {
  constructor(
    private readonly exporter: SessionExporter,
    private readonly eraser: SessionEraser,
  ) {}

  @Get()
  @CallCost('sessionData')
  @Header('Cache-Control', 'no-store')
  exportSessionData(@SessionId() sessionId: string): Promise<SessionData> {
    return this.exporter.export(sessionId);
  }

  @Delete()
  @CallCost('sessionData')
  @Header('Cache-Control', 'no-store')
  eraseSessionData(@SessionId() sessionId: string): Promise<SessionErased> {
    return this.eraser.erase(sessionId);
  }
}
