import { Module } from '@nestjs/common';
import { CONFIG } from '../../config/config.js';
import { WalletExpiry } from './wallet-expiry.service.js';
import { openWallets, WALLETS } from './wallets.js';

/** The wallets that there are keys for, and whether their certificates are still valid. */
@Module({
  providers: [{ provide: WALLETS, inject: [CONFIG], useFactory: openWallets }, WalletExpiry],
  exports: [WALLETS, WalletExpiry],
})
export class WalletsModule {}
