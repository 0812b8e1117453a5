import { defineEntity, p } from '@mikro-orm/postgresql';

const ChallengePassRowSchema = defineEntity({
  name: 'ChallengePassRow',
  tableName: 'challenge_pass',
  comment: 'Sessions that have passed the challenge of a show; deleted after a day',
  properties: {
    showId: p.integer().primary().fieldName('show_id'),
    sessionId: p.uuid().primary().fieldName('session_id'),
    passedAt: p.datetime(3).fieldName('passed_at').defaultRaw('now()'),
  },
  indexes: [
    { name: 'challenge_pass_by_session', properties: ['sessionId'] },
    { name: 'challenge_pass_by_age', properties: ['passedAt'] },
  ],
});

/** The row of a session that has passed a show's challenge. Only `ChallengePasses` reads and writes it. */
export class ChallengePassRow extends ChallengePassRowSchema.class {}
ChallengePassRowSchema.setClass(ChallengePassRow);
