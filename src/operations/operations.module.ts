import { type MiddlewareConsumer, Module, type NestModule } from '@nestjs/common';
import { WalletsModule } from '../tickets/wallets.module.js';
import { DocsController } from '../api-docs/docs.controller.js';
import { HealthController } from './health.controller.js';
import { timeRequests } from './http-metrics.js';
import { MetricsController } from './metrics.controller.js';
import { ReadinessService } from './readiness.service.js';

/** What those who run the service and those who build on it look at: health, metrics, the API's documents. */
@Module({
  imports: [WalletsModule],
  controllers: [HealthController, MetricsController, DocsController],
  providers: [ReadinessService],
})
export class OperationsModule implements NestModule {
  configure(consumer: MiddlewareConsumer): void {
    consumer.apply(timeRequests).forRoutes('{*path}');
  }
}
