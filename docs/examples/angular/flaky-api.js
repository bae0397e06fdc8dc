// An API that fails on purpose. It answers each client's n-th GET /api/teas?weather=storm with the n-th step of the
// storm, and starts over after the last step or a pause. GET /api/log returns the requests so far, DELETE /api/log
// clears them. GET /api/today returns one tea, after a failure. GET /api/orders/1 to 3 need a token, which POST
// /api/refresh issues, and which expires after a while or with POST /api/expire.
const TEAS = [
  { name: 'Sencha', from: 'Shizuoka, Japan', colour: '#7fa650', minutes: 2 },
  { name: 'Tie Guan Yin', from: 'Anxi, China', colour: '#4f8a6b', minutes: 4 },
  { name: 'Darjeeling', from: 'West Bengal, India', colour: '#c98a3a', minutes: 3 },
  { name: 'Lapsang Souchong', from: 'Fujian, China', colour: '#6b4a3a', minutes: 4 },
  { name: 'Rooibos', from: 'Cederberg, South Africa', colour: '#b3472e', minutes: 6 },
  { name: 'Silver Needle', from: 'Fuding, China', colour: '#b9bfa6', minutes: 5 },
];

const WEATHERS = {
  fair: ['ok'],
  showers: ['down', 'ok'],
  storm: ['down', 'cut', 'busy', 'down', 'ok'],
  fog: ['silent', 'ok'],
  outage: ['down'],
};

/** The steps of GET /api/today. */
const TODAY = ['down', 'today'];

/** The `Retry-After` of a busy server, in seconds. */
const PATIENCE = 3;

/** The time without a request after which the steps start over, in ms. */
const MEMORY = 6_000;

/** How long a token is good for, in ms. */
const LIFETIME = 60_000;

const ORDERS = {
  '/api/orders/1': { tea: 'Sencha', grams: 100 },
  '/api/orders/2': { tea: 'Rooibos', grams: 250 },
  '/api/orders/3': { tea: 'Silver Needle', grams: 50 },
};

/** The order that takes longer, by this time in ms: its 401 comes when the refresh that the others caused is over. */
const SLOW = { path: '/api/orders/3', by: 400 };

const STEPS = {
  ok: (response) => send(response, 200, TEAS),
  today: (response) => send(response, 200, TEAS[2]),
  down: (response) => send(response, 503, { error: 'down' }),
  busy: (response) => send(response, 503, { error: 'busy' }, { 'Retry-After': String(PATIENCE) }),
  silent: () => undefined,
  // The cut is within the body: browsers repeat a request by themselves if the connection closes without a response.
  cut: (response) => {
    response.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': '1000' });
    response.write('[', () => response.socket.destroy());
  },
};

function send(response, status, body, headers = {}) {
  response.writeHead(status, { 'Content-Type': 'application/json', ...headers });
  response.end(JSON.stringify(body));
}

function tokenOf(request) {
  return /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1];
}

/** Creates the request handler of an API with its own state. */
export function flakyApi({ delay = 150 } = {}) {
  const clients = new Map();
  /** The times until which tokens are good, in ms since the epoch. */
  const tokens = new Map();
  let issued = 0;
  let log = [];

  function note(request, step, weather = null) {
    const entry = { weather, client: request.headers['user-agent'] ?? '', step, left: false };
    log.push(entry);
    return entry;
  }

  function refresh(request, response) {
    const token = `token-${(issued += 1)}`;
    tokens.set(token, Date.now() + LIFETIME);
    note(request, 'refresh');
    setTimeout(() => send(response, 200, { token }), delay);
  }

  function sendOrder(request, response, path) {
    const isGood = Date.now() < (tokens.get(tokenOf(request)) ?? 0);
    note(request, isGood ? 'order' : 'refused');
    setTimeout(
      () => (isGood ? send(response, 200, ORDERS[path]) : send(response, 401, { error: 'the token has expired' })),
      delay + (path === SLOW.path ? SLOW.by : 0),
    );
  }

  function nextStep(path, weather, client) {
    const steps = path === '/api/today' ? TODAY : (WEATHERS[weather] ?? WEATHERS.fair);
    const key = `${path} ${weather} ${client}`;
    const { count, at } = clients.get(key) ?? { count: 0, at: 0 };
    const now = Date.now();
    const index = now - at > MEMORY ? 0 : count % steps.length;
    clients.set(key, { count: index + 1, at: now });
    return steps[index];
  }

  return (request, response) => {
    const { pathname, searchParams } = new URL(request.url, 'http://api/');
    if (pathname === '/api/log' && request.method === 'DELETE') {
      clients.clear();
      tokens.clear();
      log = [];
      return send(response, 200, log);
    }
    if (pathname === '/api/log') return send(response, 200, log);
    if (pathname === '/api/refresh' && request.method === 'POST') return refresh(request, response);
    if (pathname === '/api/expire' && request.method === 'POST') {
      tokens.delete(tokenOf(request));
      return send(response, 200, {});
    }
    if (Object.hasOwn(ORDERS, pathname)) return sendOrder(request, response, pathname);
    if (!['/api/teas', '/api/today'].includes(pathname)) return send(response, 404, { error: 'not found' });
    const weather = searchParams.get('weather');
    const step = nextStep(pathname, weather, request.headers['user-agent'] ?? '');
    const entry = note(request, step, weather);
    response.on('close', () => {
      entry.left = !response.writableFinished && step !== 'cut';
    });
    setTimeout(() => STEPS[step](response), delay);
  };
}
