import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { StartError } from '../common/start-error.js';
import { describeTlsFailure } from '../common/tls-failure.js';
import type { Config } from '../config/config.js';

/** The settings of the connections to Redis. */
export type RedisConfig = Pick<Config, 'redisUrls' | 'redisTls'>;

/** Time within which a Redis must answer the check at the start. */
const answerTimeoutMs = 3000;

/** Returns true if a URL asks for TLS. */
export const usesTls = (url: string): boolean => url.startsWith('rediss://');

/** Returns the host and the port of a Redis URL. */
export const addressOf = (url: string): { host: string; port: number } => {
  const { hostname, port } = new URL(url);
  return { host: hostname, port: Number(port || 6379) };
};

/**
 * Checks the certificate of every Redis whose URL asks for TLS. A Redis that is down or does not answer passes, because
 * nodes start and serve without Redis.
 *
 * @throws StartError if a Redis offers no TLS, or if its certificate is not valid for this service
 */
export async function assertRedisTls({ redisUrls, redisTls }: RedisConfig): Promise<void> {
  await Promise.all((redisUrls ?? []).filter(usesTls).map((url) => assertTlsOf(url, redisTls)));
}

async function assertTlsOf(url: string, redisTls: RedisConfig['redisTls']): Promise<void> {
  const address = addressOf(url);
  try {
    await ping(connectTls({ ...address, ...redisTls }));
  } catch (cause) {
    const failure = describeTlsFailure(cause) ?? ((await answersWithoutTls(address)) ? 'it offers no TLS' : null);
    if (failure === null) return;
    const setting = redisTls === null ? 'REDIS_URL' : 'REDIS_CA_FILE';
    throw new StartError(
      `${setting}: Redis at ${address.host}:${address.port} fails the TLS check, because ${failure}. ` +
        "Set REDIS_CA_FILE to the CA of the server's certificate, and use a host in REDIS_URL that the certificate names.",
      { cause },
    );
  }
}

/** Returns true if a Redis speaks its protocol without TLS. Such a Redis never answers the first message of TLS. */
async function answersWithoutTls(address: { host: string; port: number }): Promise<boolean> {
  const answer = await ping(connect(address)).catch(() => '');
  return /^[+-]/.test(answer);
}

/**
 * Sends a ping and returns the answer. A server that demands a client certificate refuses only after the handshake, so
 * a handshake alone would not show this.
 */
async function ping(socket: Socket): Promise<string> {
  try {
    socket.write('PING\r\n');
    const [answer]: unknown[] = await once(socket, 'data', { signal: AbortSignal.timeout(answerTimeoutMs) });
    return String(answer);
  } finally {
    socket.destroy();
  }
}
