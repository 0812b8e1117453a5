import { endpoints, type SessionData as ExportedData, type SessionErased } from '@usher/contract';
import { bearerHeader, type RestClient, type WithToken } from '../http/rest-client.js';
import type { SessionAccess } from './session-access.js';
import type { SessionKeeper } from './session-keeper.js';

/** The data that the server has stored about this client's session. Every call rejects with {@link UsherError}. */
export interface SessionDataApi {
  /** Reads everything that the server has stored about the session. */
  export(): Promise<ExportedData>;
  /**
   * Erases everything that the server has stored about the session, and continues with a new session. While a payment
   * is running, it rejects with `BOOKING_STATE`. A repeated call is safe.
   */
  erase(): Promise<SessionErased>;
}

/** The parts of the client that {@link createSessionData} uses. */
interface SessionDataContext {
  readonly rest: RestClient;
  readonly withToken: WithToken;
  readonly access: SessionAccess;
  readonly keeper: SessionKeeper;
  /** Disconnects the socket while `work` runs. */
  readonly whileDisconnected: <T>(work: () => Promise<T>) => Promise<T>;
}

/** Returns the calls about the session's data. */
export function createSessionData({
  rest,
  withToken,
  access,
  keeper,
  whileDisconnected,
}: SessionDataContext): SessionDataApi {
  const erase = async () => {
    // A new session has no data, so an invalid token must not be replaced here.
    const { token } = await access.session();
    const erased = await rest.call(endpoints.eraseSessionData, {}, { headers: bearerHeader(token) });
    keeper.adopt(erased.session);
    return erased;
  };
  return {
    export: () => withToken((token) => rest.call(endpoints.exportSessionData, {}, { headers: bearerHeader(token) })),
    // A socket that stays connected could enter a show again with the session that is being erased.
    erase: () => whileDisconnected(erase),
  };
}
