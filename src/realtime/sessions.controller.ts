import { Controller, Header, Post } from '@nestjs/common';
import type { Session } from '@usher/contract';
import { SessionTokens } from './session-tokens.service.js';

/** Anonymous sessions: nobody signs in. */
@Controller('v1/sessions')
export class SessionsController {
  constructor(private readonly tokens: SessionTokens) {}

  @Post()
  @Header('Cache-Control', 'no-store')
  createSession(): Session {
    return this.tokens.issue();
  }
}
