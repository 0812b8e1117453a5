import { Injectable } from '@nestjs/common';
import { ConnectionPolicy, type UsherSocket } from '../../realtime/index.js';
import { ShowsService } from '../../shows/index.js';
import { Challenges } from '../challenges/challenges.service.js';

/** Decides which sockets may open a show. */
@Injectable()
export class ViewerAdmission {
  constructor(
    private readonly connections: ConnectionPolicy,
    private readonly challenges: Challenges,
    private readonly shows: ShowsService,
  ) {}

  /**
   * Admits a socket to a show. If the network address of the socket has many open sockets, the session must pass the
   * challenge of the show. A socket with an API key or of an operator needs no challenge.
   *
   * @throws DomainError `CHALLENGE_REQUIRED`, `NOT_FOUND`
   */
  async admit({ request, data }: UsherSocket, showId: number): Promise<void> {
    if (data.credentialId !== null || !this.connections.isCrowded(request)) return;
    if (await this.challenges.hasPassed(showId, data.sessionId)) return;
    await this.shows.lane(showId); // Throws NOT_FOUND.
    throw this.challenges.required(showId, 'sockets');
  }
}
