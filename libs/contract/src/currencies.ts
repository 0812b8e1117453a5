import currencyCodes from 'currency-codes';

/** What ISO 4217 says of a currency that a show may be sold in. */
interface Currency {
  /** Decimal digits of the major unit: 2 for EUR, 0 for JPY, 3 for KWD. */
  readonly digits: number;
}

/** Currencies that ISO 4217 added after the list in `currency-codes` was published (2024-06-25). */
const addedSince: Readonly<Record<string, Currency>> = {
  // Caribbean guilder, from 2025-03-31. It replaced ANG.
  XCG: { digits: 2 },
};

/** Currencies that the list in `currency-codes` still has, although they are no longer legal tender. */
const withdrawn: ReadonlySet<string> = new Set([
  // Netherlands Antillean guilder, until 2025-07-01: XCG replaced it.
  'ANG',
  // Bulgarian lev, until 2026-01-01: Bulgaria took the euro.
  'BGN',
  // Cuban convertible peso, until 2021: Cuba merged its two currencies into CUP.
  'CUC',
]);

/** Codes of ISO 4217 that nobody can pay with, by their reason: the list in `currency-codes` does not mark them. */
const notPayable: ReadonlySet<string> = new Set(
  [
    'BOV CHE CHW CLF COU MXV USN UYI UYW', // funds codes
    'XAG XAU XPD XPT', // precious metals
    'XBA XBB XBC XBD XDR XSU XUA', // units of bond markets, special drawing rights, regional units of account
    'XTS XXX', // the code for tests, and the code for "no currency"
  ].flatMap((codes) => codes.split(' ')),
);

/**
 * Withdrawn currencies that had no decimal digits, as Java's `currency.properties` has them. ISO publishes no digits for
 * withdrawn currencies. A show from before 2026-11-30 may still be in one of them.
 */
const withdrawnWithoutDigits: ReadonlySet<string> = new Set(
  'ADP BEF BYB BYR ESP GRD ITL LUF MGF PTE TPE TRL'.split(' '),
);

const byCode: ReadonlyMap<string, Currency> = new Map([
  ...currencyCodes.data.map(({ code, digits }) => [code, { digits }] as const),
  ...Object.entries(addedSince),
]);

/** The currencies that a new show may be sold in, sorted: legal tender of ISO 4217. */
export const saleCurrencies: readonly string[] = [...byCode.keys()]
  .filter((code) => !withdrawn.has(code) && !notPayable.has(code))
  .toSorted();

const forSale: ReadonlySet<string> = new Set(saleCurrencies);

/** Whether a new show may be sold in a currency. Withdrawn currencies, funds codes, metals and test codes are refused. */
export const isSaleCurrency = (code: string): boolean => forSale.has(code);

/**
 * Decimal digits of a currency by ISO 4217: 2 for EUR, 0 for JPY, 3 for KWD. A withdrawn currency keeps the digits that it
 * had, so that shows that were sold in it stay readable.
 */
export const currencyDigits = (code: string): number =>
  byCode.get(code)?.digits ?? (withdrawnWithoutDigits.has(code) ? 0 : 2);
