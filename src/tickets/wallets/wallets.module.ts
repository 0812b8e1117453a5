import { Module } from '@nestjs/common';
import { CONFIG } from '../../config/config.js';
import { WalletExpiry } from './wallet-expiry.service.js';
import { openWallets, WALLETS } from './wallets.js';

/** Provides the configured wallets, and watches the expiry of their certificates. */
@Module({
  providers: [{ provide: WALLETS, inject: [CONFIG], useFactory: openWallets }, WalletExpiry],
  exports: [WALLETS, WalletExpiry],
})
export class WalletsModule {}
