import { writeFileSync } from 'node:fs';

import { filter, throttleTime } from 'rxjs';
import { RetryClient } from 'rxjs-retry-client';
import { HarRecorder } from 'rxjs-retry-client/har';

const recorder = new HarRecorder({ limit: 200 });

export const client = new RetryClient().extend(recorder.options);

client.attempts$
  .pipe(
    filter(({ type }) => type === 'failure'),
    throttleTime(60_000),
  )
  .subscribe(() => writeFileSync('last-failure.har', JSON.stringify(recorder)));
