// A consumer's program, which modules.js compiles with each value of `module`, and runs.
import { Observable } from 'rxjs';
import { RetryClient } from 'rxjs-retry-client';
import { scenarios } from 'rxjs-retry-client/simulate';

const request$: Observable<Response> = new RetryClient().get('http://127.0.0.1/');
console.log(request$ instanceof Observable && 'blip' in scenarios ? 'works' : 'has two copies of RxJS');
