// A spec that hangs is one that has killed its mutant.
jasmine.DEFAULT_TIMEOUT_INTERVAL = 1500;
