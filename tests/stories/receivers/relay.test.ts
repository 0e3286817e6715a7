// needs: socat
// No alarm is lost once a receiver has heard it: through three daemons, with the broker away, the gateway killed, a receiver killed.
// The large form, 800 presses at 10 ms, is `tests/bench/radio/relay.ts`.
import { expect, test } from 'vitest'
import { relay } from '../../gateways/relay.ts'

test('60 presses, each heard by one of three receivers, are written down once each, whatever is gone or killed meanwhile', async () => {
  const { lost, doubled } = await relay({ presses: 60, everyMs: 50, awayMs: 2_000 })
  expect({ lost, doubled }).toEqual({ lost: [], doubled: [] })
})
