// In ms. A spec that hangs has killed its mutant, so a long timeout would only cost time.
jasmine.DEFAULT_TIMEOUT_INTERVAL = 1500;
