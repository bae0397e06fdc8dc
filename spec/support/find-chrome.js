// Finds Chromium or Chrome for Karma, or installs Debian's Chromium. `node spec/support/find-chrome.js` prints its
// path.
import { findBrowser, printIfMain } from './find-browser.js';

/** Returns the path of an executable browser. Throws if there is none and none can be installed. */
export function findChrome() {
  return findBrowser({
    name: 'Chromium or Chrome',
    variable: 'CHROME_BIN',
    executables: ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome'],
    macPaths: [
      '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
      '/Applications/Chromium.app/Contents/MacOS/Chromium',
    ],
    debianPackage: 'chromium',
  });
}

printIfMain(import.meta.url, findChrome);
