import type { IncomingMessage, ServerResponse } from 'node:http';
import helmet, { contentSecurityPolicy, xFrameOptions } from 'helmet';
import type { Config } from '../config/config.js';

const yearSeconds = 365 * 24 * 60 * 60;
const none = ["'none'"];
const self = ["'self'"];

type Middleware = (request: IncomingMessage, response: ServerResponse, next: (error?: unknown) => void) => void;

/**
 * Returns a middleware that sets the security headers of an answer that is no page. Its Content-Security-Policy forbids
 * everything. A page replaces the policy with its own, for example with {@link createPagePolicy}.
 *
 * The headers that only old browsers read are left out, because every answer would carry them.
 */
export function createSecurityHeaders({ publicUrl }: Pick<Config, 'publicUrl'>): Middleware {
  const isTls = publicUrl?.startsWith('https:') ?? false;
  return helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: { defaultSrc: none, baseUri: none, formAction: none, frameAncestors: none },
    },
    xFrameOptions: { action: 'deny' },
    // The operator decides about the other hosts of the domain.
    strictTransportSecurity: isTls ? { maxAge: yearSeconds, includeSubDomains: false } : false,
    xDnsPrefetchControl: false,
    xDownloadOptions: false,
    xPermittedCrossDomainPolicies: false,
    xXssProtection: false,
  });
}

/**
 * Returns a middleware that sets the Content-Security-Policy of the web app's pages. The pages load only files of the
 * service, connect only to the service, and show posters from any host.
 */
export function createPagePolicy({
  publicUrl,
  frameAncestors,
}: Pick<Config, 'publicUrl' | 'frameAncestors'>): Middleware {
  // A page that was loaded over TLS shows no picture from a plain host anyway.
  const posterHosts = publicUrl?.startsWith('https:') ? ['https:'] : ['https:', 'http:'];
  // Some browsers do not count a WebSocket of the same host as 'self'.
  const socketOrigins = publicUrl === null ? [] : [publicUrl.replace(/^http/, 'ws')];
  const setPolicy = contentSecurityPolicy({
    useDefaults: false,
    directives: {
      defaultSrc: none,
      scriptSrc: self,
      styleSrc: self,
      fontSrc: self,
      imgSrc: [...self, 'data:', ...posterHosts],
      connectSrc: [...self, ...socketOrigins],
      workerSrc: self,
      manifestSrc: self,
      baseUri: none,
      formAction: self,
      frameAncestors: [...self, ...frameAncestors],
    },
  });
  const setFrameOptions = xFrameOptions({ action: 'sameorigin' });
  return (request, response, next) => {
    // The older header can name no site. A browser that knows `frame-ancestors` ignores it.
    if (frameAncestors.length > 0) response.removeHeader('X-Frame-Options');
    else setFrameOptions(request, response, () => undefined);
    setPolicy(request, response, next);
  };
}
