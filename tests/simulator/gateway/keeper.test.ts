// A gateway that dies is started again on its own ports; one that dies too often is given up, and one that is stopped stays so.
import { expect, test } from 'vitest'
import { steppedClock } from '../../../simulator/clock.ts'
import { DEATHS_MAX, keepGateway, WITHIN_MS } from '../../../simulator/gateway/keeper.ts'
import type { Gateway, GatewayOptions } from '../../../simulator/gateway/process.ts'

const PLACES = { site: 's', data: 'd', http: '127.0.0.1:0', mqtt: '127.0.0.1:0' }
const settled = () => new Promise<void>(resolve => setImmediate(resolve))

function setUp() {
  const clock = steppedClock()
  const said: string[] = []
  const started: { options: GatewayOptions; die: (how: string) => Promise<void> }[] = []
  let failing = 0
  const start = async (options: GatewayOptions): Promise<Gateway> => {
    if (failing-- > 0) throw new Error('port taken')
    let end: (how: string) => void = () => {}
    const ended = new Promise<string>(resolve => {
      end = resolve
    })
    const die = (how: string) => {
      end(how)
      return settled()
    }
    started.push({ options, die })
    return { http: '127.0.0.1:41', mqtt: '127.0.0.1:42', pid: 1, ended, stop: () => die('stopped') }
  }
  const wait = async (ms: number) => {
    clock.advance(ms)
    await settled()
  }
  const keep = () => keepGateway({ ...PLACES, clock, tell: text => said.push(text), start })
  const failNext = (times: number) => {
    failing = times
  }
  return { said, started, wait, keep, failNext }
}

test('a gateway that is killed comes back on the ports that it had', async () => {
  const { said, started, wait, keep } = setUp()
  await keep()
  await started[0]?.die('was ended by SIGKILL')
  await wait(1_000)
  expect(started.map(({ options }) => [options.http, options.mqtt])).toEqual([
    ['127.0.0.1:0', '127.0.0.1:0'],
    ['127.0.0.1:41', '127.0.0.1:42'],
  ])
  expect(said[0]).toContain('THE GATEWAY WAS ENDED BY SIGKILL')
  expect(said[1]).toContain('is back')
})

test('a start that fails after a death is tried again', async () => {
  const { started, wait, keep, failNext } = setUp()
  await keep()
  failNext(2)
  await started[0]?.die('ended with code 70')
  for (let turn = 0; turn < 3; turn++) await wait(1_000)
  expect(started).toHaveLength(2)
})

test('one that dies again and again is given up with the reason; deaths long ago are forgiven', async () => {
  const { started, wait, keep } = setUp()
  const kept = await keep()
  await started[0]?.die('ended with code 70')
  await wait(1_000)
  await wait(WITHIN_MS)
  for (let death = 1; death < DEATHS_MAX; death++) {
    await started.at(-1)?.die('ended with code 70')
    await wait(1_000)
  }
  expect(started).toHaveLength(DEATHS_MAX + 1)
  await started.at(-1)?.die('ended with code 70')
  await wait(1_000)
  expect(await kept.givenUp).toContain(`ended with code 70; that was death ${DEATHS_MAX}`)
})

test('a gateway that was stopped is not started again, nor one that dies as we stop', async () => {
  const { said, started, wait, keep } = setUp()
  const kept = await keep()
  await started[0]?.die('was ended by SIGINT')
  await kept.stop()
  await wait(10_000)
  expect(started).toHaveLength(1)
  expect(said).toEqual([])
})
