import { NgZone } from '@angular/core';
import { type MonoTypeOperatorFunction, Observable } from 'rxjs';

import { notifyWithin } from '../util/notify-within.js';

/** Runs work in a given zone: in Angular's, or outside it. */
export type ZoneRunner = <T>(work: () => T) => T;

/** Subscribes to the source in one zone, and delivers its notifications in another. */
export function bridgeZones<T>(subscribeIn: ZoneRunner, deliverIn: ZoneRunner): MonoTypeOperatorFunction<T> {
  return (source) =>
    new Observable((output) => subscribeIn(() => source.pipe(notifyWithin(deliverIn)).subscribe(output)));
}

/**
 * Delivers notifications in Angular's zone if the subscriber is in it, whatever zone they come from. Otherwise Angular
 * would not notice what the subscriber changes.
 */
export function inZoneOfSubscriber<T>(zone: NgZone): MonoTypeOperatorFunction<T> {
  return (source) =>
    new Observable((output) => {
      const runInside: ZoneRunner = (work) => zone.run(work);
      const runHere: ZoneRunner = (work) => work();
      return (NgZone.isInAngularZone() ? source.pipe(bridgeZones(runHere, runInside)) : source).subscribe(output);
    });
}

/**
 * Runs an operator outside Angular's zone, so that its timers neither trigger change detection nor keep the app
 * unstable.
 *
 * The source is still subscribed to in the zone of the subscriber, and the output arrives there. Without zones it is
 * the operator itself.
 */
export function outsideZone<T>(zone: NgZone, operator: MonoTypeOperatorFunction<T>): MonoTypeOperatorFunction<T> {
  return (source) =>
    new Observable((output) => {
      const runInside: ZoneRunner = (work) => zone.run(work);
      const runOutside: ZoneRunner = (work) => zone.runOutsideAngular(work);
      const result = NgZone.isInAngularZone()
        ? source.pipe(bridgeZones(runInside, runOutside), operator, bridgeZones(runOutside, runInside))
        : source.pipe(operator);
      return result.subscribe(output);
    });
}
