import { Controller, Get, Injectable, Module } from '@nestjs/common';
import { Observable } from 'rxjs';
import { RetryClient } from 'rxjs-retry-client';
import { getRetryClientToken, InjectRetryClient, RetryClientModule } from 'rxjs-retry-client/nest';

@Injectable()
export class PricesService {
  constructor(
    private readonly client: RetryClient,
    @InjectRetryClient('stock') private readonly stock: RetryClient,
  ) {}

  price(): Observable<number> {
    return this.client.getJSON<number>('price');
  }

  count(): Observable<number> {
    return this.stock.getJSON<number>('count');
  }
}

@Controller('prices')
export class PricesController {
  constructor(private readonly prices: PricesService) {}

  @Get('price')
  price(): Observable<number> {
    return this.prices.price();
  }

  @Get('count')
  count(): Observable<number> {
    return this.prices.count();
  }
}

@Module({
  imports: [RetryClientModule.forFeatureAsync('stock', { useFactory: () => ({ params: { shop: '1' } }) })],
  controllers: [PricesController],
  providers: [PricesService],
})
export class PricesModule {}

export const stockToken = getRetryClientToken('stock');
