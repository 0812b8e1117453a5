import { Body, Controller, Delete, Get, Header, HttpCode, Inject, Post, UseGuards } from '@nestjs/common';
import { type PushKey, PushSubscription } from '@usher/contract';
import { Idempotent, SessionGuard, SessionId } from '../access/index.js';
import { PushSubscriptions } from './push-subscriptions.js';
import { VAPID_KEYS, type VapidKeys } from './vapid-keys.js';

/** REST calls with which a browser subscribes to Web Push and unsubscribes. */
@Controller('v1/push')
export class PushController {
  constructor(
    @Inject(VAPID_KEYS) private readonly keys: VapidKeys,
    private readonly subscriptions: PushSubscriptions,
  ) {}

  @Get('key')
  @Header('Cache-Control', 'no-store')
  getPushKey(): PushKey {
    return { publicKey: this.keys.publicKey };
  }

  @Post('subscriptions')
  @UseGuards(SessionGuard)
  @Idempotent()
  async subscribePush(
    @SessionId() sessionId: string,
    @Body({ schema: PushSubscription }) subscription: PushSubscription,
  ): Promise<PushSubscription> {
    await this.subscriptions.add(sessionId, subscription);
    return subscription;
  }

  @Delete('subscriptions')
  @HttpCode(204)
  @UseGuards(SessionGuard)
  async unsubscribePush(
    @SessionId() sessionId: string,
    @Body({ schema: PushSubscription }) { endpoint }: PushSubscription,
  ): Promise<void> {
    await this.subscriptions.remove(sessionId, endpoint);
  }
}
