// What `npm start` says once everything is up: where things are, and what to try first.
import type { Site } from '../schemas/site.ts'
import type { Ports } from './options.ts'
import { type PortOf, USUAL_PORTS } from './port.ts'
import type { Phone } from './ports.ts'

export type Running = {
  site: Site
  deskUrl: string
  pageUrl: string
  /** HOST:PORT */
  mqtt: string
  phone: Phone
  data: string
  /** They stay when it stops. */
  isKept: boolean
  asked: Ports
}

const NAMES: Readonly<Record<PortOf, string>> = {
  desk: 'the desk',
  page: 'the simulator',
  mqtt: 'the broker',
  sip: 'the telephone',
}

const KEEP = 'Journal, log and pendants go with it: npm start -- --data DIR keeps them in DIR.'

export function welcome({ site, deskUrl, pageUrl, mqtt, phone, data, isKept, asked }: Running): string {
  const had: Record<PortOf, number> = {
    desk: Number(new URL(deskUrl).port),
    page: Number(new URL(pageUrl).port),
    mqtt: Number(mqtt.slice(mqtt.lastIndexOf(':') + 1)),
    sip: phone.address.port,
  }
  const unusual = (Object.keys(NAMES) as PortOf[])
    .filter(what => asked[what] === undefined && had[what] !== USUAL_PORTS[what])
    .map(what => `\n  (port ${USUAL_PORTS[what]} was taken, so ${NAMES[what]} is on another)`)
  const number = site.telephones[0]?.number ?? ''
  return `
${site.site} is running.

  The security desk        ${deskUrl}
  The simulated building   ${pageUrl}/

  The receivers' broker    mqtt://${mqtt}
  ${`Telephone ${number}`.padEnd(24)} sip:${phone.address.host}:${phone.address.port}
  Journal, log, pendants   ${data}
${unusual.join('')}
Try this: open both pages side by side, and click once on the desk: a browser keeps it silent until then, which is not
armed. In the building, choose a pendant and pull its cord. The desk shows who, where and how sure it is; telephone ${number}
rings in the building: answer it, listen, press 1. The desk shows who acknowledged, and the pendant's light says that
somebody has it.

Ctrl-C stops everything. ${isKept ? `What is in ${data} stays.` : KEEP}
`
}
