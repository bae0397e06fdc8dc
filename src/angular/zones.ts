import { NgZone } from '@angular/core';
import { type MonoTypeOperatorFunction, Observable } from 'rxjs';

/** Runs work somewhere: in Angular's zone, or outside it. */
export type ZoneRunner = <T>(work: () => T) => T;

/** Subscribes to the source in one place, and hands its notifications over in another. */
export function bridgeZones<T>(subscribeIn: ZoneRunner, deliverIn: ZoneRunner): MonoTypeOperatorFunction<T> {
  return (source) =>
    new Observable((output) =>
      subscribeIn(() =>
        source.subscribe({
          next: (value) => {
            deliverIn(() => {
              output.next(value);
            });
          },
          error: (error: unknown) => {
            deliverIn(() => {
              output.error(error);
            });
          },
          complete: () => {
            deliverIn(() => {
              output.complete();
            });
          },
        }),
      ),
    );
}

/** Where there is a zone, and the subscriber stands in it, what comes from outside is delivered in it: so Angular sees what follows. */
export function inZoneOfSubscriber<T>(zone: NgZone): MonoTypeOperatorFunction<T> {
  return (source) =>
    new Observable((output) => {
      const inside: ZoneRunner = (work) => zone.run(work);
      const stay: ZoneRunner = (work) => work();
      return (NgZone.isInAngularZone() ? source.pipe(bridgeZones(stay, inside)) : source).subscribe(output);
    });
}

/**
 * Runs an operator outside Angular's zone, so that its timers neither set off change detection nor keep the app unstable. Its source is
 * still subscribed to in the zone of the subscriber, and what it emits arrives there. Without zones it is the operator itself.
 */
export function outsideZone<T>(zone: NgZone, operator: MonoTypeOperatorFunction<T>): MonoTypeOperatorFunction<T> {
  return (source) =>
    new Observable((output) => {
      const inside: ZoneRunner = (work) => zone.run(work);
      const outside: ZoneRunner = (work) => zone.runOutsideAngular(work);
      const whole = NgZone.isInAngularZone()
        ? source.pipe(bridgeZones(inside, outside), operator, bridgeZones(outside, inside))
        : source.pipe(operator);
      return whole.subscribe(output);
    });
}
