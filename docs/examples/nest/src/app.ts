import { Controller, Get, type DynamicModule } from '@nestjs/common';
import { HealthCheck, type HealthCheckResult, HealthCheckService, TerminusModule } from '@nestjs/terminus';
import type { Observable } from 'rxjs';
import { circuitBreaker, concurrencyLimit, RetryClient } from 'rxjs-retry-client';
import { breakerHealth, RetryClientModule } from 'rxjs-retry-client/nest';

interface Tea {
  readonly tea: string;
  readonly price: number;
}

const breaker = circuitBreaker({ minimumThroughput: 5 });

@Controller('teas')
class TeasController {
  constructor(private readonly client: RetryClient) {}

  @Get()
  teas(): Observable<readonly Tea[]> {
    return this.client.getJSON<readonly Tea[]>('teas');
  }
}

@Controller('health')
class HealthController {
  constructor(private readonly health: HealthCheckService) {}

  @Get()
  @HealthCheck()
  check(): Promise<HealthCheckResult> {
    return this.health.check([breakerHealth('upstream', breaker, { whenOpen: 'degraded' })]);
  }
}

export class AppModule {
  static at(urls: readonly string[]): DynamicModule {
    return {
      module: AppModule,
      imports: [
        TerminusModule,
        RetryClientModule.forRoot({
          baseUrl: [...urls],
          strategy: { attempts: 6, gates: [breaker, concurrencyLimit({ max: 10 })] },
          log: 'log',
        }),
      ],
      controllers: [TeasController, HealthController],
    };
  }
}
