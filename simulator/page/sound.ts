// GET /api/phone/calls/:id/sound: what a call has heard, as a WAV file; `?from=SECONDS` leaves out what was had before.
import type { FastifyInstance } from 'fastify'
import { SAMPLE_RATE_HZ } from '../phones/recording.ts'
import { wavOf } from '../phones/sound/wav.ts'
import type { Building } from './building.ts'

/** Adds the one route. A call that nobody knows is refused by the building, in its own words. */
export function routeSound(app: FastifyInstance, building: Building): void {
  app.get<{ Params: { id: string }; Querystring: { from?: string } }>(
    '/api/phone/calls/:id/sound',
    (request, reply) => {
      const from = Math.round(Number(request.query.from ?? 0) * SAMPLE_RATE_HZ)
      const samples = building.phone.heard(request.params.id)
      return reply
        .type('audio/wav')
        .header('cache-control', 'no-store')
        .send(wavOf(samples.subarray(Number.isFinite(from) ? Math.max(0, from) : 0)))
    },
  )
}
