import { BadGatewayException } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { firstValueFrom, Observable } from 'rxjs';
import { circuitBreaker, constant, HttpStatusError, isHttpError, RetryClient } from 'rxjs-retry-client';
import { RetryClientModule, toHttpException } from 'rxjs-retry-client/nest';
import { PricesModule, PricesService } from './prices';

describe('PricesService', () => {
  const serviceOf = async (...statuses: number[]) => {
    const urls: string[] = [];
    const client = new RetryClient({
      baseUrl: 'https://api.example.com/',
      fetch: (url) => {
        urls.push(String(url));
        const status = statuses.shift() ?? 200;
        return Promise.resolve(new Response(status === 200 ? '5' : null, { status }));
      },
      strategy: { backoff: constant(0), gates: [circuitBreaker()] },
    });
    const moduleRef = await Test.createTestingModule({ imports: [RetryClientModule.forRoot(), PricesModule] })
      .overrideProvider(RetryClient)
      .useValue(client)
      .compile();
    return { service: moduleRef.get(PricesService), urls, close: () => moduleRef.close() };
  };

  it('is tried again, and knows one class of Observables and errors', async () => {
    const { service, urls, close } = await serviceOf(503, 200, 200, 404);

    expect(service.price()).toBeInstanceOf(Observable);
    expect(await firstValueFrom(service.price())).toBe(5);
    expect(await firstValueFrom(service.count())).toBe(5);
    const error: unknown = await firstValueFrom(service.price()).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(HttpStatusError);
    expect(isHttpError(error)).toBe(true);
    expect(toHttpException(error)).toBeInstanceOf(BadGatewayException);
    expect(urls).toEqual([
      'https://api.example.com/price',
      'https://api.example.com/price',
      'https://api.example.com/count?shop=1',
      'https://api.example.com/price',
    ]);
    await close();
  });
});
