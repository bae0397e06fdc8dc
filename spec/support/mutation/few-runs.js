import { configureGlobal } from 'fast-check';

// Of each property, for each mutant that it covers. More of them take minutes.
configureGlobal({ numRuns: 25 });
