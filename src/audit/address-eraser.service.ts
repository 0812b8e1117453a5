import { Inject, Injectable, Logger, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { Poller } from '../common/poller.js';
import { CONFIG, type Config } from '../config/config.js';
import { AuditRepository } from './audit.repository.js';

const eraseIntervalMs = 60 * 60 * 1000;

/** Maximum number of addresses that one statement erases. */
const eraseMax = 5000;

/** Erases the network addresses of old entries. All nodes do this; a row that two nodes update is erased once. */
@Injectable()
export class AuditAddressEraser implements OnModuleInit, OnModuleDestroy {
  private readonly logger = new Logger(AuditAddressEraser.name);
  private readonly poller = Poller.every(
    eraseIntervalMs,
    () => this.erase(),
    (error) => this.logger.error({ err: error }, 'could not erase old addresses of the audit trail; retrying in 1 h'),
  );

  constructor(
    private readonly repository: AuditRepository,
    @Inject(CONFIG) private readonly config: Pick<Config, 'auditAddressDays'>,
  ) {}

  onModuleInit(): void {
    this.poller.start();
  }

  async onModuleDestroy(): Promise<void> {
    await this.poller.stop();
  }

  private async erase(): Promise<void> {
    let erased = eraseMax;
    while (erased === eraseMax) erased = await this.repository.eraseAddresses(this.config.auditAddressDays, eraseMax);
  }
}
