import { HttpClient, provideHttpClient, withInterceptors } from '@angular/common/http';
import { HttpTestingController, provideHttpClientTesting } from '@angular/common/http/testing';
import { NgZone, provideZoneChangeDetection, provideZonelessChangeDetection } from '@angular/core';
import { type ComponentFixture, TestBed } from '@angular/core/testing';
import { BehaviorSubject } from 'rxjs';
import { constant, openWhen } from 'rxjs-retry-client';
import { provideRetryStrategy, retryInterceptor } from 'rxjs-retry-client/angular';

// The file of docs/examples/angular, which docs/angular.md shows.
import { Banner } from './banner';

const down = { status: 503, statusText: 'Service Unavailable' };

describe.each([
  ['zone.js', () => [provideZoneChangeDetection()]],
  ['no zones', () => [provideZonelessChangeDetection()]],
])("The guide's banner with %s", (_, changeDetection) => {
  let online$: BehaviorSubject<boolean>;
  let fixture: ComponentFixture<Banner>;
  let http: HttpTestingController;

  beforeEach(async () => {
    jest.useFakeTimers();
    online$ = new BehaviorSubject(true);
    TestBed.configureTestingModule({
      providers: [
        ...changeDetection(),
        provideHttpClient(withInterceptors([retryInterceptor()])),
        provideRetryStrategy({
          attempts: Infinity,
          backoff: constant(4_000),
          gates: [openWhen({ open$: online$, name: 'when-online' })],
        }),
        provideHttpClientTesting(),
      ],
    });
    fixture = TestBed.createComponent(Banner);
    fixture.autoDetectChanges();
    http = TestBed.inject(HttpTestingController);
    await jest.advanceTimersByTimeAsync(0);
  });
  afterEach(() => {
    TestBed.resetTestingModule();
    jest.useRealTimers();
  });

  const text = () =>
    Array.from((fixture.nativeElement as HTMLElement).children, (element) => element.textContent)
      .join(' ')
      .trim();
  const send = (path = '/users') => {
    TestBed.inject(NgZone).run(() => {
      TestBed.inject(HttpClient).get(path).subscribe();
    });
  };
  const answer = async (path: string, options = {}) => {
    TestBed.inject(NgZone).run(() => {
      http.expectOne(path).flush(null, options);
    });
    await jest.advanceTimersByTimeAsync(0);
  };

  it('says nothing while nothing fails, and runs no clock', async () => {
    expect(text()).toBe('');
    send();
    await jest.advanceTimersByTimeAsync(1_000);
    expect(text()).toBe('');
    expect(jest.getTimerCount()).toBe(0);
  });

  it('counts down from the right second after a long idle time, without a last attempt that is infinite', async () => {
    await jest.advanceTimersByTimeAsync(3_600_100);
    send();
    await answer('/users', down);
    expect(text()).toBe('Reconnecting attempt 2, next try in 4 s Try now');
    await jest.advanceTimersByTimeAsync(1_250);
    expect(text()).toBe('Reconnecting attempt 2, next try in 3 s Try now');
    await jest.advanceTimersByTimeAsync(2_770);
    expect(text()).toBe('Reconnecting attempt 2 is under way Try now');
    expect(jest.getTimerCount()).toBe(0);
    await answer('/users');
    expect(text()).toBe('');
    expect(jest.getTimerCount()).toBe(0);
  });

  it('keeps neither the zone busy nor the app unstable while it counts', async () => {
    send();
    await answer('/users', down);
    expect(TestBed.inject(NgZone).hasPendingMacrotasks).toBe(false);
    expect(fixture.isStable()).toBe(true);
  });

  it('sends the next attempt at a click', async () => {
    send();
    await answer('/users', down);
    (fixture.nativeElement as HTMLElement).querySelector('button')?.click();
    await jest.advanceTimersByTimeAsync(0);
    expect(text()).toBe('Reconnecting attempt 2 is under way Try now');
    await answer('/users');
    expect(text()).toBe('');
  });

  it('says offline, and how many requests wait, and has no button then', async () => {
    online$.next(false);
    send('/one');
    await jest.advanceTimersByTimeAsync(0);
    expect(text()).toBe('You are offline 1 request waits for the network');
    send('/two');
    await jest.advanceTimersByTimeAsync(0);
    expect(text()).toBe('You are offline 2 requests wait for the network');
    online$.next(true);
    await jest.advanceTimersByTimeAsync(0);
    expect(text()).toBe('');
  });

  it('leaves no clock behind when it is destroyed', async () => {
    send();
    await answer('/users', down);
    const running = jest.getTimerCount();
    fixture.destroy();
    expect(jest.getTimerCount()).toBe(running - 1);
  });
});
