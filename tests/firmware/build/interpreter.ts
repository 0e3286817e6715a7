// Two interpreters that run a script for the chip and give back the lines it printed with an @ in front: the simulated
// one, always there, and the real one where ESPRUINO_BIN names a Linux build of Espruino.
import { onInterpreter, said } from '../../../firmware/build/interpreter.ts'
import { steppedClock } from '../../../simulator/clock.ts'
import { createPendantHost } from '../../../simulator/espruino/host.ts'

export type Interpreter = {
  name: string
  isReal: boolean
  run(script: string, forMs: number): Promise<string[]>
}

const simulated: Interpreter = {
  name: 'the simulated chip',
  isReal: false,
  run: async (script, forMs) => {
    const clock = steppedClock()
    const host = createPendantHost({ bundle: script, address: 'c7:f9:36:dd:b0:ca', clock })
    host.powerOn()
    clock.advance(forMs)
    return said(host.console().join('\n'))
  },
}

const real = (binary: string): Interpreter => ({
  name: 'the real interpreter',
  isReal: true,
  run: (script, forMs) => onInterpreter(binary, script, forMs),
})

const binary = process.env.ESPRUINO_BIN
export const interpreters: readonly Interpreter[] =
  binary === undefined || binary === '' ? [simulated] : [simulated, real(binary)]
