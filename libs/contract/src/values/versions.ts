import { z } from 'zod';

/** A show's version. It starts at 0 and grows by exactly one with every commit that changes a seat of the show. */
export const Version = z.int().nonnegative().meta({ description: "The show's version", example: 17 });

/**
 * The number of changes to a show's terms so far. The terms are the show's time and place, prices, sale window, rules
 * and waiting room, and whether the show is called off. A client that knows a lower number has missed a `show:changed`,
 * so it must read the show again.
 */
export const TermsVersion = z.int().nonnegative().meta({
  description:
    "Number of changes to the show's terms so far. A client that knows a lower number must read the show again",
});
