// What a receiver has heard, as it publishes it. In: a batch and the time. Out: reports with their ages.
import { REPORT_AGE_MS_MAX, type Report, type ReportBatch } from '../../schemas/report.ts'
import type { Waiting } from './queue.ts'

export const reportsOf = (batch: readonly Waiting[], nowMs: number): ReportBatch => ({
  v: 1,
  reports: batch.map(one => reportOf(one, nowMs)),
})

function reportOf({ address, rssiDbm, data, heardAtMs }: Waiting, nowMs: number): Report {
  const ageMs = heardAtMs === null ? null : Math.max(0, Math.round(nowMs - heardAtMs))
  return {
    address,
    ...(rssiDbm !== null && { rssiDbm }),
    data: Buffer.from(data).toString('hex'),
    ...(ageMs !== null && { ageMs: Math.min(ageMs, REPORT_AGE_MS_MAX) }),
  }
}
