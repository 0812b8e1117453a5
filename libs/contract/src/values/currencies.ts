import currencyCodes from 'currency-codes';

/** Facts from ISO 4217 about a currency. */
interface Currency {
  /** Decimal digits of the major unit: 2 for EUR, 0 for JPY, 3 for KWD. */
  readonly digits: number;
}

/** Currencies that ISO 4217 added after the list in `currency-codes` was published (2024-06-25). */
const currenciesAddedLater: Readonly<Record<string, Currency>> = {
  // Caribbean guilder, from 2025-03-31. It replaced ANG.
  XCG: { digits: 2 },
};

/** Currencies that the list in `currency-codes` still contains, although they are no longer legal tender. */
const withdrawnCodes: ReadonlySet<string> = new Set([
  // Netherlands Antillean guilder, until 2025-07-01. XCG replaced it.
  'ANG',
  // Bulgarian lev, until 2026-01-01. Bulgaria adopted the euro.
  'BGN',
  // Cuban convertible peso, until 2021. Cuba merged its two currencies into CUP.
  'CUC',
]);

/**
 * Codes of ISO 4217 with which no buyer can pay, grouped by the reason. The list in `currency-codes` does not mark
 * them.
 */
const unpayableCodes: ReadonlySet<string> = new Set(
  [
    'BOV CHE CHW CLF COU MXV USN UYI UYW', // funds codes
    'XAG XAU XPD XPT', // precious metals
    'XBA XBB XBC XBD XDR XSU XUA', // units of bond markets, special drawing rights, regional units of account
    'XTS XXX', // the code for tests, and the code for "no currency"
  ].flatMap((codes) => codes.split(' ')),
);

/**
 * Withdrawn currencies that had no decimal digits. A show from before 2026-11-30 may still use one of them. The list
 * comes from Java's `currency.properties`, because ISO publishes no digits for withdrawn currencies.
 */
const withdrawnCodesWithoutDigits: ReadonlySet<string> = new Set(
  'ADP BEF BYB BYR ESP GRD ITL LUF MGF PTE TPE TRL'.split(' '),
);

const currenciesByCode: ReadonlyMap<string, Currency> = new Map([
  ...currencyCodes.data.map(({ code, digits }) => [code, { digits }] as const),
  ...Object.entries(currenciesAddedLater),
]);

/** Codes of the currencies in which a new show may be sold, sorted. By ISO 4217, they are legal tender. */
export const saleCurrencies: readonly string[] = [...currenciesByCode.keys()]
  .filter((code) => !withdrawnCodes.has(code) && !unpayableCodes.has(code))
  .toSorted();

const saleCurrencySet: ReadonlySet<string> = new Set(saleCurrencies);

/**
 * Returns true if a new show may be sold in a currency. Returns false for withdrawn currencies, funds codes, metals and
 * test codes.
 */
export const isSaleCurrency = (code: string): boolean => saleCurrencySet.has(code);

/**
 * Returns the number of decimal digits of a currency by ISO 4217: 2 for EUR, 0 for JPY, 3 for KWD. A withdrawn currency
 * keeps its digits, because the amounts of shows that were sold in it must stay readable.
 */
export const currencyDigits = (code: string): number =>
  currenciesByCode.get(code)?.digits ?? (withdrawnCodesWithoutDigits.has(code) ? 0 : 2);
