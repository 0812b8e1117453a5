import { type MiddlewareConsumer, Module, type NestModule } from '@nestjs/common';
import { WalletsModule } from '../tickets/index.js';
import { HealthController } from './health.controller.js';
import { timeRequests } from './http-metrics.js';
import { MetricsController } from './metrics.controller.js';
import { OperationsPort } from './operations-port.js';
import { ReadinessService } from './readiness.service.js';

/** Serves health and metrics for operators, load balancers and orchestrators. */
@Module({
  imports: [WalletsModule],
  controllers: [HealthController, MetricsController],
  providers: [OperationsPort, ReadinessService],
})
export class OperationsModule implements NestModule {
  configure(consumer: MiddlewareConsumer): void {
    consumer.apply(timeRequests).forRoutes('{*path}');
  }
}
