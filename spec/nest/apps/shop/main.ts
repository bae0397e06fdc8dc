import { NestFactory } from '@nestjs/core';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { deadlineInterceptor, HttpErrorFilter } from 'rxjs-retry-client/nest';
import { AppModule } from './app.moduleEXTENSION';

async function bootstrap(): Promise<void> {
  const adapter = process.env.ADAPTER === 'fastify' ? new FastifyAdapter() : new ExpressAdapter();
  const app = await NestFactory.create(AppModule, adapter as never);
  app.enableShutdownHooks();
  app.useGlobalInterceptors(deadlineInterceptor({ default: 10_000 }));
  app.useGlobalFilters(new HttpErrorFilter());
  await app.listen(0, '127.0.0.1');
  console.log(await app.getUrl());
}
void bootstrap();
