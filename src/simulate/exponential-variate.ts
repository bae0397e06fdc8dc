/**
 * Returns a random number with the exponential distribution of mean 1: the time to the next event where events come at
 * random, one in a unit of time.
 *
 * It compares and adds, and takes no logarithm, whose last digit differs from one engine to another.
 *
 * @see John von Neumann, Various techniques used in connection with random digits, 1951
 */
export function exponentialVariate(random: () => number): number {
  for (let whole = 0; ; whole += 1) {
    const first = random();
    let last = first;
    let isOdd = true;
    // How long a run of falling numbers is decides whether the first one is taken.
    for (let next = random(); next < last; next = random()) {
      last = next;
      isOdd = !isOdd;
    }
    if (isOdd) return whole + first;
  }
}
