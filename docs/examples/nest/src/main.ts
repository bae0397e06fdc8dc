import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { deadlineInterceptor, HttpErrorFilter } from 'rxjs-retry-client/nest';

import { AppModule } from './app.js';
import { startUpstream } from './upstream.js';

const upstream = await startUpstream();
const app = await NestFactory.create(AppModule.at(upstream.urls));
app.enableShutdownHooks();
app.useGlobalInterceptors(deadlineInterceptor({ header: 'x-timeout-ms', format: 'timeout', default: 10_000 }));
app.useGlobalFilters(new HttpErrorFilter());
await app.listen(Number(process.env.PORT ?? 3000), '127.0.0.1');
const url = (await app.getUrl()).replace(/\/$/, '');
console.log(`
curl ${url}/teas                              retries and failover
curl -i -H 'x-timeout-ms: 200' ${url}/teas    a deadline; 504 if the upstream is slow
curl ${url}/health                            the circuit breaker

Leave a slow request by Ctrl+C, and stop this application during one.
`);
