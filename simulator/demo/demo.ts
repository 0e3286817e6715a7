// `npm run demo`: one press on recorded real radio, from the cord to extension 5150 and back to the wearer. In: which
// moment of which walk; out: the story on standard error and, as the last line of standard output, one JSON object.
// Exit code 0: a human acknowledged and the wearer was told; 1: nobody did, or a part failed; 2: bad arguments;
// 130: stopped by Ctrl-C.
import { fileURLToPath } from 'node:url'
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander'
import type { Site } from '../../schemas/site.ts'
import { realClock } from '../clock.ts'
import type { LogLine } from '../gateway/process.ts'
import { type Pace, readSite } from '../gateway/site.ts'
import { type Played, playPress } from './press.ts'
import { readWalk, type Walk } from './replay.ts'
import { onStage } from './stage.ts'

const SITE_FILE = fileURLToPath(new URL('../building/northgate.yaml', import.meta.url))
const WALK = fileURLToPath(new URL('../../tests/data/flat_kolakowski/test_robot', import.meta.url))
/** Into the second stay in the bedroom of the recorded walk. */
const AT_SECONDS = 120
/** Enough heartbeats (one each 2 s) for the room to be known before the press. */
const LEAD_SECONDS = 12
/** Office pace where somebody answers; quick where all attempts are to be seen to the end. */
const CALM: Pace = {
  attempts: 3,
  ringSeconds: 20,
  talkSeconds: 45,
  pauseSeconds: 3,
  rounds: 2,
  onwardSeconds: 30,
}
const BRISK: Pace = {
  attempts: 3,
  ringSeconds: 4,
  talkSeconds: 20,
  pauseSeconds: 1,
  rounds: 2,
  onwardSeconds: 30,
}

/** How far apart one Ctrl-C can arrive at two processes. */
const SIGNAL_MS = 300

class BadArguments extends Error {}

type Options = {
  walk: string
  at: number
  lead: number
  pendant: string
  kind: 'cord' | 'button'
  phone: 'answer' | 'busy' | 'silent' | 'down'
  data?: string
}

function readOptions(words: readonly string[]): Options {
  const program = new Command('npm run demo --')
    .description('plays a recorded walk, parts a cord, and follows the alarm to the telephone and back')
    .option('--walk <dir>', 'the recorded walk, with sightings.csv and truth.csv', WALK)
    .option('--at <seconds>', 'the moment of the walk at which the alarm is given', seconds, AT_SECONDS)
    .option('--lead <seconds>', 'how long before that the walk begins', seconds, LEAD_SECONDS)
    .option('--pendant <id>', 'who carries the tag', 'p-07')
    .addOption(
      new Option('--kind <kind>', 'how the alarm is given').choices(['cord', 'button']).default('cord'),
    )
    .addOption(
      new Option('--phone <mode>', 'what the telephone does')
        .choices(['answer', 'busy', 'silent', 'down'])
        .default('answer'),
    )
    .option('--data <dir>', 'keep the journal and the pendant there; otherwise nothing is kept')
    .exitOverride()
  return program.parse(words, { from: 'user' }).opts<Options>()
}

function seconds(text: string): number {
  const value = Number(text)
  if (text.trim() === '' || !(value >= 0)) throw new InvalidArgumentError('expected seconds, 0 or more')
  return value
}

function checkAgainst(site: Site, walk: Walk, options: Options): Site['pendants'][number] {
  const pendant = site.pendants.find(({ id }) => id === options.pendant)
  if (pendant === undefined)
    throw new BadArguments(
      `expected --pendant to be one of ${site.pendants.map(({ id }) => id).join(', ')}, came ${options.pendant}`,
    )
  if (options.at > walk.lengthSeconds)
    throw new BadArguments(
      `expected --at within the walk, which is ${walk.lengthSeconds.toFixed(0)} s long, came ${options.at}`,
    )
  const strangers = walk.receivers.filter(id => !site.receivers.some(receiver => receiver.id === id))
  if (strangers.length > 0)
    throw new BadArguments(
      `expected a walk heard by receivers of ${SITE_FILE}, came ${strangers.join(', ')} too`,
    )
  return pendant
}

async function demonstrate(options: Options, signal: AbortSignal): Promise<Played> {
  const [site, walk] = await Promise.all([readSite(SITE_FILE), badArgument(readWalk(options.walk))])
  const pendant = checkAgainst(site, walk, options)
  const clock = realClock()
  const startedAtMs = clock.nowMs()
  const tell = (text: string) =>
    console.error(`${((clock.nowMs() - startedAtMs) / 1_000).toFixed(2).padStart(7)} s  ${text}`)
  tell('starting a gateway, the telephone at 5150 and the receivers of the walk')
  const phone = options.phone === 'answer' ? 'manual' : options.phone
  const press = {
    ...options,
    walk,
    pendant,
    atSeconds: options.at,
    leadSeconds: Math.min(options.lead, options.at),
  }
  const pace = options.phone === 'answer' ? CALM : BRISK
  const onLine = ({ isLoud, text }: LogLine) => {
    if (isLoud) tell(`the gateway says: ${text}`)
  }
  const stage = {
    siteFile: SITE_FILE,
    site,
    walk,
    pendant,
    phone,
    pace,
    clock,
    data: options.data ?? null,
  } as const
  return onStage({ ...stage, onLine, signal }, async up => {
    const broken = firstFault(up.gateway.ended, signal)
    broken.catch(() => {})
    return playPress(up, press, clock, broken, tell)
  })
}

async function badArgument<T>(reading: Promise<T>): Promise<T> {
  return reading.catch((cause: unknown) => {
    throw new BadArguments(cause instanceof Error ? cause.message : String(cause), { cause })
  })
}

function firstFault(gatewayEnded: Promise<string>, signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    void gatewayEnded.then(how => reject(new Error(`expected the gateway to run to the end, but it ${how}`)))
    signal.addEventListener('abort', () => reject(new Error('stopped by Ctrl-C')), { once: true })
  })
}

async function main(): Promise<number> {
  const stopping = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => stopping.abort())
  try {
    const { result, isAsPromised } = await demonstrate(readOptions(process.argv.slice(2)), stopping.signal)
    await new Promise<void>(written => process.stdout.write(`${JSON.stringify(result)}\n`, () => written()))
    return isAsPromised ? 0 : 1
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2
    // A Ctrl-C reaches the gateway too, and its end may be heard of first.
    await new Promise(look => setTimeout(look, SIGNAL_MS))
    if (stopping.signal.aborted) return 130
    console.error(error instanceof Error ? error.message : error)
    return error instanceof BadArguments ? 2 : 1
  }
}

// Timers of the story that was broken off may still wait.
process.exit(await main())
