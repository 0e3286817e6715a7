// `tocsin backup` beside a gateway that alarms come to all the while: each copy is whole, and has every alarm that was acknowledged
// before it was begun, once.
import { join } from 'node:path'
import { afterEach, expect, it } from 'vitest'
import { verifyJournal } from '../../../gateway/store/verify.ts'
import { builtTocsin } from '../../gateway/commands/cli-process.ts'
import { connectReceiver, siteFolder, startGatewayProcess } from '../../gateways/gateway-process.ts'
import { addressOf, manyPendants, pressesIn, pressOf } from '../../gateways/many-pendants.ts'

const PRESSES = 400
const COPIES = 4

const ends: (() => unknown)[] = []
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end()
})

it('a copy that is made while alarms are written is whole, and has each that was acknowledged before', async () => {
  const folder = siteFolder(manyPendants(PRESSES, 1))
  ends.push(folder.remove)
  const gateway = await startGatewayProcess(folder)
  ends.push(gateway.stop)
  const receiver = await connectReceiver(gateway.mqtt, 'r-0', 'password-0')
  ends.push(receiver.close)
  const acknowledged: string[] = []
  let isEnough = false
  const pressing = (async () => {
    for (let i = 0; i < PRESSES && !isEnough; i++) {
      await receiver.report(addressOf(i), pressOf(i))
      acknowledged.push(`p-${i}`)
    }
  })()
  const copies: { copy: string; before: string[]; isMeanwhile: boolean }[] = []
  for (let i = 0; i < COPIES; i++) {
    const copy = join(folder.path, `copy-${i}.sqlite`)
    const before = [...acknowledged]
    const made = await builtTocsin('backup', '--data', folder.data, '--to', copy)
    expect(made).toMatchObject({ status: 0 })
    copies.push({ copy, before, isMeanwhile: acknowledged.length > before.length })
  }
  isEnough = true
  await pressing
  expect(copies.some(({ isMeanwhile, before }) => isMeanwhile && before.length > 0)).toBe(true)
  for (const { copy, before } of copies) {
    expect(verifyJournal(copy)).toMatchObject({ broken: null, missing: null })
    const data = `${copy}.data`
    expect(await builtTocsin('restore', copy, '--data', data)).toMatchObject({ status: 0 })
    const presses = await pressesIn({ ...folder, data })
    expect(before.filter(each => presses.get(each) !== 1)).toEqual([])
    expect([...presses.values()].every(times => times === 1)).toBe(true)
  }
})
