import { Controller, Header, Headers, Post } from '@nestjs/common';
import type { Session } from '@usher/contract';
import { SessionTokens } from './session-tokens.service.js';
import { bearerToken } from './session.guard.js';

/** Issues anonymous sessions. Buyers never sign in. */
@Controller('v1/sessions')
export class SessionsController {
  constructor(private readonly tokens: SessionTokens) {}

  /** Renews the session of a valid token. A caller without a valid token gets a new session. */
  @Post()
  @Header('Cache-Control', 'no-store')
  createSession(@Headers('authorization') authorization: string | undefined): Session {
    const token = bearerToken(authorization);
    const known = token === undefined ? null : this.tokens.tryRead(token);
    return known === null ? this.tokens.issue() : this.tokens.renew(known.sessionId);
  }
}
