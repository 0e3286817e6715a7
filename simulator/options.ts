// What `npm start -- …` takes: which site, which ports, where its files are kept. Each refusal says what was expected and what came.
import { Command, InvalidArgumentError, Option } from 'commander'

export type Ports = { desk?: number; page?: number; mqtt?: number; sip?: number }
export type Options = {
  /** A site file; the example without it. */
  site?: string
  data?: string
  /** Those that were asked for: each is had, or nothing starts. */
  ports: Ports
  /** By receiver: where a virtual controller is put in its place. */
  radios: ReadonlyMap<string, string>
}

const PORT_MAX = 65_535

function port(text: string): number {
  const number = Number(text)
  if (/^\d{1,5}$/.test(text) && number >= 1 && number <= PORT_MAX) return number
  throw new InvalidArgumentError(`expected a port from 1 to ${PORT_MAX}, came "${text}"`)
}

function radio(text: string, known: ReadonlyMap<string, string> = new Map()): ReadonlyMap<string, string> {
  const [, receiver, path] = /^([^=]+)=(.+)$/.exec(text) ?? []
  if (receiver === undefined || path === undefined)
    throw new InvalidArgumentError(`expected RECEIVER=PATH, came "${text}"`)
  return new Map([...known, [receiver, path]])
}

/** Reads the command line. Throws a CommanderError, having said on standard error what is wrong. */
export function readOptions(argv = process.argv): Options {
  const portOption = (name: string, what: string) =>
    new Option(`--${name}-port <port>`, `where ${what} listens`).argParser(port)
  const given = new Command('npm start --')
    .description('runs the simulated building, its gateway and its telephone on this machine')
    .option('--site <file>', 'run this site file instead of the example: its rooms are drawn in a grid')
    .option('--data <dir>', 'keep journal, log and pendants there; otherwise they go when it stops')
    .addOption(portOption('desk', 'the security desk'))
    .addOption(portOption('page', 'the page of the building'))
    .addOption(portOption('mqtt', 'the broker for the receivers'))
    .addOption(portOption('sip', 'the telephone'))
    .addOption(
      new Option(
        '--radio <receiver=path>',
        'leave this receiver to `tocsin receiver --radio PATH`, and put its radio there; needs socat, and may be given again',
      ).argParser(radio),
    )
    .exitOverride()
    .allowExcessArguments(false)
    .parse(argv)
    .opts<{
      site?: string
      data?: string
      deskPort?: number
      pagePort?: number
      mqttPort?: number
      sipPort?: number
      radio?: ReadonlyMap<string, string>
    }>()
  const { deskPort, pagePort, mqttPort, sipPort, radio: radios = new Map(), ...rest } = given
  const asked = { desk: deskPort, page: pagePort, mqtt: mqttPort, sip: sipPort }
  const ports = Object.fromEntries(Object.entries(asked).filter(([, value]) => value !== undefined))
  return { ...rest, ports, radios }
}
