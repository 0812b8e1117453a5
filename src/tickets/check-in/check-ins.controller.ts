import { Body, Controller, Get, Header, HttpCode, Post, Query, Res, UseGuards } from '@nestjs/common';
import {
  type AdmissionConflict,
  AdmissionConflictsQuery,
  type CheckIn,
  CheckInBody,
  type CheckInResult,
  type GateList,
  GateListQuery,
  offlineCheckInsMax,
  type OfflineCheckInsDone,
  type Page,
} from '@usher/contract';
import type { Response } from 'express';
import { validate as isUuid } from 'uuid';
import { z } from 'zod';
import { createInvalidRequestError } from '../../common/invalid-request.js';
import {
  type AuditCaller,
  AuditCallerOf,
  GateKeyGuard,
  IdempotencyKey,
  Idempotent,
  type KeyHolder,
  KeyHolderOf,
  KeyScoped,
} from '../../access/index.js';
import { CheckInService } from './check-in.service.js';

/** The contract's `OfflineCheckIns` with unchecked entries, because the service checks each entry separately. */
const UncheckedCheckIns = z.strictObject({ checkIns: z.array(z.unknown()).min(1).max(offlineCheckInsMax) });

const statuses: Readonly<Record<CheckInResult, number>> = {
  admitted: 200,
  used: 409,
  refunded: 409,
  wrongShow: 409,
  notToday: 409,
  forged: 400,
};

/** Serves the requests of gates. */
@Controller('v1/tickets/check-ins')
@UseGuards(GateKeyGuard)
export class CheckInsController {
  constructor(private readonly checkIns: CheckInService) {}

  @Post()
  @KeyScoped('filtered')
  // Only `code` must be the same in a repeated request. A gate that lost the network may send a different gate name
  // when it repeats the request.
  @Idempotent('code')
  async checkIn(
    @KeyHolderOf() holder: KeyHolder,
    @AuditCallerOf() caller: AuditCaller,
    @IdempotencyKey() key: string | null,
    @Body({ schema: CheckInBody }) body: CheckInBody,
    @Res({ passthrough: true }) response: Response,
  ): Promise<CheckIn> {
    const result = await this.checkIns.checkIn(holder, { ...body, key, at: null, caller });
    response.status(statuses[result.result]);
    return result;
  }

  @Get()
  @KeyScoped({ show: 'query.showId' })
  @Header('Cache-Control', 'no-store')
  getGateList(@Query({ schema: GateListQuery }) { showId }: z.output<typeof GateListQuery>): Promise<GateList> {
    return this.checkIns.gateList(showId);
  }

  @Post('offline')
  @KeyScoped('filtered')
  @HttpCode(200)
  @Idempotent()
  handInCheckIns(
    @KeyHolderOf() holder: KeyHolder,
    @AuditCallerOf() caller: AuditCaller,
    @Body({ schema: UncheckedCheckIns }) { checkIns }: z.output<typeof UncheckedCheckIns>,
  ): Promise<OfflineCheckInsDone> {
    return this.checkIns.recordOfflineCheckIns(holder, caller, checkIns);
  }

  @Get('conflicts')
  @KeyScoped({ show: 'query.showId' })
  @Header('Cache-Control', 'no-store')
  listAdmissionConflicts(
    @Query({ schema: AdmissionConflictsQuery }) { showId, limit, cursor }: z.output<typeof AdmissionConflictsQuery>,
  ): Promise<Page<AdmissionConflict>> {
    if (cursor !== undefined && !isUuid(cursor)) {
      throw createInvalidRequestError([
        { path: ['cursor'], message: 'belongs to a different list; start again without a cursor' },
      ]);
    }
    return this.checkIns.listConflicts(showId, limit, cursor ?? null);
  }
}
