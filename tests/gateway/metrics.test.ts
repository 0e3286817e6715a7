import { describe, expect, it } from 'vitest'
import { createMetrics } from '../../gateway/metrics.ts'

describe('metrics', () => {
  it('show what was counted, in the Prometheus text format', async () => {
    const metrics = createMetrics()
    metrics.countReports('rx-1', 25)
    metrics.countReports('rx-1', 1)
    metrics.countRefused('replayed')
    metrics.countIncident('cord')
    metrics.countPage('no-answer')
    metrics.setOpenIncidents(2)
    metrics.setTechnicalAlarms(1)
    metrics.observePressToJournal(3)
    metrics.observeEvent(0.4)
    const lines = (await metrics.render()).split('\n')
    for (const line of [
      'tocsin_reports_total{receiver="rx-1"} 26',
      'tocsin_refused_total{reason="replayed"} 1',
      'tocsin_incidents_total{kind="cord"} 1',
      'tocsin_pages_total{outcome="no-answer"} 1',
      'tocsin_open_incidents 2',
      'tocsin_technical_alarms 1',
      'tocsin_press_to_journal_seconds_bucket{le="0.0025"} 0',
      'tocsin_press_to_journal_seconds_bucket{le="0.005"} 1',
      'tocsin_press_to_journal_seconds_sum 0.003',
      'tocsin_event_seconds_bucket{le="0.0005"} 1',
    ]) {
      expect(lines).toContain(line)
    }
    expect(metrics.contentType).toContain('text/plain')
  })

  it('show the refusals of the rim at zero before the first', async () => {
    const text = await createMetrics().render()
    for (const reason of ['malformed', 'oversized', 'retained', 'wrong-topic', 'wrong-password']) {
      expect(text).toContain(`tocsin_refused_total{reason="${reason}"} 0`)
    }
    expect(text).toContain('process_resident_memory_bytes')
  })

  it('of two gateways in one process are kept apart', async () => {
    const [one, other] = [createMetrics(), createMetrics()]
    one.countIncident('cord')
    expect(await other.render()).not.toContain('kind="cord"')
  })
})
