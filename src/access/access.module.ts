import { Global, Module } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { CONFIG } from '../config/config.js';
import { ConnectionPolicy, SocketAuthenticator } from '../realtime/index.js';
import { RequestFormatGuard } from '../transport/request-format.guard.js';
import { BuyerSources } from './buyers/buyer-sources.service.js';
import { SourceKeys } from './buyers/source-keys.service.js';
import { ApiKeyChecks } from './api-keys/api-key-checks.service.js';
import { ApiKeys } from './api-keys/api-keys.service.js';
import { KeyRuleGuard } from './key-guards/key-rule.guard.js';
import { KeyScopes } from './key-guards/key-scopes.service.js';
import { KeyUses } from './api-keys/key-uses.service.js';
import { KnownKeys } from './api-keys/known-keys.service.js';
import { BookingLinks } from './booking-access/booking-links.service.js';
import { IdempotencyKeys } from './idempotency/idempotency-keys.service.js';
import { CallerChecks } from './callers/caller-checks.service.js';
import { CallGate } from './limits/call-gate.guard.js';
import { CallLimits } from './limits/call-limits.service.js';
import { IdentityProvider } from './sign-in/identity-provider.service.js';
import { OperatorChecks } from './operators/operator-checks.service.js';
import { OperatorCookies } from './operators/operator-cookies.service.js';
import { OperatorSessions } from './operators/operator-sessions.service.js';
import { OperatorTokens } from './operators/operator-tokens.service.js';
import { OperatorUses } from './operators/operator-uses.service.js';
import { OperatorsController } from './sign-in/operators.controller.js';
import { SignInAttempts } from './sign-in/sign-in-attempts.service.js';
import { CallTurns } from './limits/call-turns.service.js';
import { SharedAnswers } from './limits/shared-answers.service.js';
import { SharedLimiters } from './budgets/shared-limiters.service.js';
import { Overload } from './overload/overload.js';
import { loadSessionKeys, SESSION_KEYS } from './sessions/session-keys.js';
import { SessionTokens } from './sessions/session-tokens.service.js';
import { SessionGuard } from './sessions/session.guard.js';
import { SessionsController } from './sessions/sessions.controller.js';
import { TokenSigner } from './sessions/token-signer.js';
import { ConnectionLimits } from './sockets/connection-limits.js';
import { SocketHandshake } from './sockets/socket-handshake.service.js';
import { SocketKeys } from './sockets/socket-keys.service.js';

/**
 * Decides which callers the service admits and how often they may call. This module contains the sessions, API keys,
 * operators, booking links, call limits, overload protection and idempotency keys.
 */
@Global()
@Module({
  controllers: [SessionsController, OperatorsController],
  providers: [
    { provide: SESSION_KEYS, inject: [CONFIG], useFactory: loadSessionKeys },
    TokenSigner,
    Overload,
    { provide: ConnectionPolicy, useClass: ConnectionLimits },
    { provide: SocketAuthenticator, useClass: SocketHandshake },
    { provide: APP_GUARD, useClass: CallGate },
    { provide: APP_GUARD, useClass: RequestFormatGuard },
    { provide: APP_GUARD, useClass: KeyRuleGuard },
    SessionTokens,
    SessionGuard,
    BookingLinks,
    ApiKeys,
    ApiKeyChecks,
    KeyScopes,
    KeyUses,
    KnownKeys,
    SocketKeys,
    CallerChecks,
    IdentityProvider,
    OperatorChecks,
    OperatorCookies,
    OperatorSessions,
    OperatorTokens,
    OperatorUses,
    SignInAttempts,
    CallLimits,
    CallTurns,
    SharedAnswers,
    SharedLimiters,
    IdempotencyKeys,
    SourceKeys,
    BuyerSources,
  ],
  exports: [
    ConnectionPolicy,
    SocketAuthenticator,
    SESSION_KEYS,
    SessionTokens,
    SessionGuard,
    BookingLinks,
    ApiKeys,
    ApiKeyChecks,
    CallerChecks,
    KeyScopes,
    SocketKeys,
    CallLimits,
    CallTurns,
    SharedAnswers,
    SharedLimiters,
    IdempotencyKeys,
    BuyerSources,
  ],
})
export class AccessModule {}
