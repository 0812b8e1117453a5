/** Error codes of Node for a certificate that it refuses. */
const certificateCodes =
  /^(CERT_|UNABLE_TO_|SELF_SIGNED_CERT_IN_CHAIN$|DEPTH_ZERO_SELF_SIGNED_CERT$|INVALID_|PATH_LENGTH_EXCEEDED$)/;

/** Error codes of Node and OpenSSL for a server that speaks another protocol, or that refuses the connection. */
const protocolCodes = /^(EPROTO$|ERR_SSL_)/;

/** Messages of `pg` for a server that refuses TLS. These errors have no code. */
const noTlsMessages =
  /^(The server does not support SSL connections|There was an error establishing an SSL connection)/;

/**
 * Describes why a server failed the TLS check. A retry does not help in these cases.
 *
 * @returns a clause such as "its certificate has expired", or null if TLS is not the reason of the error
 */
export function describeTlsFailure(error: unknown): string | null {
  if (!(error instanceof Error)) return null;
  const code = 'code' in error ? String(error.code) : '';
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') return 'its certificate is not for this host name';
  if (code === 'CERT_HAS_EXPIRED') return 'its certificate has expired';
  if (certificateCodes.test(code)) return `the service does not trust its certificate, ${error.message}`;
  if (noTlsMessages.test(error.message) || /WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG/.test(code)) {
    return 'it offers no TLS';
  }
  return protocolCodes.test(code) ? `the TLS connection failed, ${error.message}` : null;
}
