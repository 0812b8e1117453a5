import type { IncomingMessage } from 'node:http';
import { Inject, Injectable } from '@nestjs/common';
import type { CookieOptions, Response } from 'express';
import { CONFIG, type Config } from '../../config/config.js';

/** The cookies of operators: the sign-in, and the sign-in attempt that is still at the identity provider. */
export type OperatorCookie = 'operator' | 'sign-in';

/**
 * - `operator` is never sent with a request that another site caused.
 * - `sign-in` must be sent when the identity provider sends the browser back, which is a navigation from another site.
 */
const sameSite = { operator: 'strict', 'sign-in': 'lax' } as const;

/**
 * Reads and sets the cookies of operators. Scripts cannot read them. Behind TLS, their names begin with `__Host-`, so no
 * other host of the domain can set them.
 */
@Injectable()
export class OperatorCookies {
  private readonly isTls: boolean;

  constructor(@Inject(CONFIG) { publicUrl }: Config) {
    this.isTls = publicUrl?.startsWith('https:') ?? false;
  }

  /** Returns the value of a cookie, or null. */
  read({ headers }: IncomingMessage, cookie: OperatorCookie): string | null {
    if (headers.cookie === undefined) return null;
    const prefix = `${this.nameOf(cookie)}=`;
    for (const pair of headers.cookie.split('; ')) {
      if (pair.startsWith(prefix)) return pair.slice(prefix.length);
    }
    return null;
  }

  set(response: Response, cookie: OperatorCookie, value: string, maxAgeMs: number): void {
    response.cookie(this.nameOf(cookie), value, { ...this.optionsOf(cookie), maxAge: maxAgeMs, encode: String });
  }

  clear(response: Response, cookie: OperatorCookie): void {
    response.clearCookie(this.nameOf(cookie), this.optionsOf(cookie));
  }

  private nameOf(cookie: OperatorCookie): string {
    return `${this.isTls ? '__Host-' : ''}usher-${cookie}`;
  }

  private optionsOf(cookie: OperatorCookie): CookieOptions {
    return { httpOnly: true, secure: this.isTls, sameSite: sameSite[cookie], path: '/' };
  }
}
