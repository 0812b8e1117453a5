import { seededRandom } from '../../dist/catalog/demo/random.js';

/**
 * Returns the attacks of the benchmark. Each has a rate per second and a function that returns its nth request.
 *
 * @param target ids, words and tokens of the service under attack, which `flood-target.mjs` prepares
 */
export function createAttacks(target) {
  const attacks = { ...readAttacks(target), ...bodyAttacks(target), ...documentAttacks(target) };
  return Object.entries(attacks).map(([name, [rate, request]]) => ({ name, rate, request }));
}

const get = (path, headers = {}) => ({ method: 'GET', path, headers });
const random = seededRandom('floods');

/** Attacks with searches, listings, maps and cheap calls. */
function readAttacks({ words, cities, movies, cinemas, hotShowId, layoutShowId, adminKey }) {
  const misspelt = (count) => Array.from({ length: count }, () => misspell(random.pick(words))).join('%20');
  const day = (n) => `20${10 + (n % 80)}-0${1 + (n % 9)}-1${n % 10}`;
  return {
    'misspelt searches': [80, () => get(`/v1/movies/search?keyword=${misspelt(1)}`)],
    'misspelt searches of many words': [80, () => get(`/v1/movies/search?keyword=${misspelt(6)}`)],
    'searches of everything': [
      300,
      (n) => get(`/v1/movies/search?sort=title&limit=100&lat=40&lon=-9${n % 10}.${n}&radiusKm=500`),
    ],
    'layouts with compression': [126, () => get(`/v1/shows/${layoutShowId}/layout`)],
    'layouts without compression': [
      126,
      () => get(`/v1/shows/${layoutShowId}/layout`, { 'accept-encoding': 'identity' }),
    ],
    'key guesses': [813, (n) => get('/v1/admin/mails', { 'x-api-key': `usher_guess_${n}` })],
    'listings of ever-new days': [500, (n) => get(`/v1/cities/${random.pick(cities)}/movies?limit=100&date=${day(n)}`)],
    'listings of showtimes': [
      500,
      () => get(`/v1/movies/${movies[0]}/showtimes?cityId=${random.pick(cities)}&limit=100`),
    ],
    'one listing': [900, () => get(`/v1/cinemas/${cinemas[0]}/showtimes?limit=100`)],
    'city names': [500, (n) => get(`/v1/cities?q=${n.toString(36).slice(-2)}&limit=100`)],
    'seat maps of a large hall': [200, () => get(`/v1/shows/${hotShowId}/seats`)],
    'proofs of lines': [500, () => get(`/v1/shows/${layoutShowId}/queue/proof?line=seats`)],
    'the API document': [500, () => get('/openapi.json', { 'accept-encoding': 'identity' })],
    'exports of the audit trail': [20, () => get('/v1/admin/audit/export?format=csv', { 'x-api-key': adminKey })],
    'pages that do not exist': [4000, (n) => get(`/v1/nothing/${n}`)],
    'single shows': [4000, () => get(`/v1/shows/${layoutShowId}`)],
  };
}

/** Attacks with bodies that the service parses. */
function bodyAttacks({ words, cinemas, hotShowId, adminKey }) {
  const json = { 'content-type': 'application/json' };
  const layout = layoutBody(2000);
  const upload = (headers) => (n) => ({
    method: 'POST',
    path: '/v1/admin/halls',
    headers: { ...json, ...headers },
    body: JSON.stringify({ cinemaId: cinemas[0], name: `Hall ${n}`, layout }),
  });
  return {
    'uploads of layouts with a key': [20, upload({ 'x-api-key': adminKey })],
    'uploads of layouts without a key': [126, upload({})],
    'SOAP searches': [200, () => soap(misspell(random.pick(words)), 0)],
    'SOAP bodies of 16 KB': [500, (n) => soap(`zz${n}`, 230)],
    'JSON bodies of 100 KB': [
      300,
      () => ({ method: 'POST', path: `/v1/shows/${hotShowId}/reservations`, headers: json, body: bigJson }),
    ],
  };
}

/** Attacks with sessions and their documents. */
function documentAttacks({ sessions, bookings }) {
  const ofBuyer = ({ bookingId, token }) =>
    get(`/v1/bookings/${bookingId}/tickets`, { ...pdf, authorization: `Bearer ${token}` });
  return {
    'PDF files of one buyer': [50, () => ofBuyer(bookings[0])],
    'PDF files of ten buyers': [50, (n) => ofBuyer(bookings[n % bookings.length])],
    'new sessions': [900, () => ({ method: 'POST', path: '/v1/sessions', headers: {} })],
    'exports of session data': [
      300,
      (n) => get('/v1/session/data', { authorization: `Bearer ${sessions[n % sessions.length]}` }),
    ],
  };
}

const pdf = { accept: 'application/pdf' };
const bigJson = JSON.stringify({ seats: Array.from({ length: 18_000 }, (_, n) => n) });

function soap(keyword, padding) {
  const header = '<s:Header>' + '<a x="y">text of a header</a>'.repeat(padding) + '</s:Header>';
  const call = `<SearchMoviesRequest xmlns="urn:usher:soap:1"><keyword>${keyword}</keyword></SearchMoviesRequest>`;
  const body = `<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/">${header}<s:Body>${call}</s:Body></s:Envelope>`;
  return { method: 'POST', path: '/soap', headers: { 'content-type': 'text/xml' }, body };
}

function layoutBody(seatCount) {
  const seats = Array.from({ length: seatCount }, (_, seat) => {
    const [row, place] = [Math.floor(seat / 50), seat % 50];
    const name = { label: `${row}-${place}`, section: 'Hall', row: String(row), number: String(place) };
    return { ...name, x: place + 1, y: row + 2, tier: 'standard', kind: 'standard' };
  });
  return { width: 52, height: 44, stage: null, sections: [{ name: 'Hall' }], seats };
}

/** Puts a typo into a word: exchanges two neighbouring letters, leaves one out or adds one. */
function misspell(word) {
  const at = 1 + random.integer(word.length - 2);
  const letter = String.fromCharCode(97 + random.integer(26));
  return [
    word.slice(0, at) + word.slice(at + 1),
    word.slice(0, at) + word[at + 1] + word[at] + word.slice(at + 2),
    word.slice(0, at) + letter + word.slice(at),
  ][random.integer(3)];
}
