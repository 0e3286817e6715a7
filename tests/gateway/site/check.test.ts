import { describe, expect, it } from 'vitest'
import { parseSite, readSite, SiteRefused, siteJsonSchema } from '../../../gateway/site/read.ts'

const KEY = '231d39c1d7cc1ab1aee224cd096db932'
const northgate = `site: Northgate
buildings:
  - id: main
    name: Main building
    floors:
      - id: ground
        name: Ground floor
        rooms:
          - { id: r-1, number: "1", adjacent: [r-2] }
          - { id: r-2, number: "2" }
          - { id: r-3, number: "3", adjacent: [r-2] }
receivers:
  - { id: rx-1, room: r-1, password: a-long-secret }
people:
  - { id: ann, name: Ann Lee }
pendants:
  - id: p-01
    address: c7:f9:36:dd:b0:ca
    key: "${KEY}"
    wearer: ann
telephones:
  - { number: "5150", name: Security desk, role: security }
  - { number: "5100", name: Reception, role: reception }
policies:
  - id: always
    steps:
      - targets: [{ channel: sip, to: "5150" }]
policy: always
sip: { server: pbx.example, user: "5900" }
`

/** The refusal's text, or what is wrong: that there was none. */
function refusal(text: string): string {
  try {
    parseSite(text, 'northgate.yaml')
  } catch (error) {
    expect(error).toBeInstanceOf(SiteRefused)
    return error instanceof SiteRefused ? error.message : ''
  }
  return 'not refused'
}
const changed = (from: string, to: string): string => {
  expect(northgate).toContain(from)
  return northgate.replace(from, to)
}

describe('a site file', () => {
  it('that is sound is read, with its defaults', () => {
    const site = parseSite(northgate, 'northgate.yaml')
    expect(site.speech).toEqual({ voice: 'en-gb', wordsPerMinute: 150 })
    expect(site.policies[0]?.steps[0]?.attempts).toBe(3)
  })

  it('has its adjacency both ways', () => {
    const rooms = parseSite(northgate, 'northgate.yaml').buildings[0]?.floors[0]?.rooms
    expect(rooms?.map(room => room.adjacent)).toEqual([['r-2'], ['r-1', 'r-3'], ['r-2']])
  })

  it.each<[promise: string, from: string, to: string, message: string]>([
    [
      'a short key',
      `key: "${KEY}"`,
      'key: ab',
      '19:10 pendants[0].key: expected 32 lower-case hexadecimal digits, came "ab"',
    ],
    [
      'a long key, without printing it',
      `key: "${KEY}"`,
      `key: "${KEY}00"`,
      '19:10 pendants[0].key: expected 32 lower-case hexadecimal digits, came "23…", 34 characters',
    ],
    [
      'a short password, without printing it',
      'a-long-secret',
      'secret',
      '13:38 receivers[0].password: expected at least 8 characters, came 6 characters',
    ],
    [
      'an unquoted number',
      'number: "5150"',
      'number: 5150',
      '22:15 telephones[0].number: expected text (in quotes), came 5150',
    ],
    [
      'a missing field, at what lacks it',
      'wearer: ann',
      '',
      '17:5 pendants[0].wearer: expected text (in quotes), came nothing',
    ],
    [
      'a field nobody knows',
      'wearer: ann',
      'wearer: ann\n    colour: red',
      '21:13 pendants[0].colour: expected no field of this name, came "red"',
    ],
    [
      'a role nobody has',
      'role: reception',
      'role: porter',
      '23:46 telephones[1].role: expected one of "security", "reception", "person", "receiving-centre", came "porter"',
    ],
    [
      'a receiver in no room',
      'room: r-1',
      'room: r-9',
      '13:23 receivers[0].room: expected a room of this site, came "r-9"',
    ],
    [
      'a neighbour that is no room',
      'adjacent: [r-2] }\n          - { id: r-2',
      'adjacent: [r-8] }\n          - { id: r-2',
      '9:48 buildings[0].floors[0].rooms[0].adjacent[0]: expected a room of this site, came "r-8"',
    ],
    [
      'a room beside itself',
      'number: "2" }',
      'number: "2", adjacent: [r-2] }',
      '10:48 buildings[0].floors[0].rooms[1].adjacent[0]: expected another room, came "r-2", the room itself',
    ],
    [
      'a wearer nobody is',
      'wearer: ann',
      'wearer: bob',
      '20:13 pendants[0].wearer: expected an id under people, came "bob"',
    ],
    [
      'a policy that is not there',
      'policy: always',
      'policy: never',
      '28:9 policy: expected an id under policies, came "never"',
    ],
    [
      'a target that is no telephone',
      'to: "5150"',
      'to: "5151"',
      '27:39 policies[0].steps[0].targets[0].to: expected a number under telephones, came "5151"',
    ],
    [
      'a policy that reaches only a queue',
      'to: "5150"',
      'to: "5100"',
      '27:7 policies[0].steps: expected at least one target that is not a reception number, came reception only',
    ],
    [
      'a room number that is there twice in a building',
      'number: "2"',
      'number: "1"',
      '10:32 buildings[0].floors[0].rooms[1].number: expected room number in this building used once, came the same as buildings[0].floors[0].rooms[0].number',
    ],
    [
      'a field that is there twice',
      'policy: always',
      'policy: always\npolicy: always',
      '29:1 document: expected each field once, came one that stands there twice',
    ],
    [
      'UDP, which nothing sends again',
      'server: pbx.example,',
      'server: pbx.example, transport: udp,',
      '29:40 sip.transport: expected tcp or tls, came udp: a lost packet would be a lost page',
    ],
    ...[
      'sip:pbx.local',
      'pbx.local:5061',
      '::1',
      '2001:db8::5',
      '[::1',
      '[pbx]',
      'pbx..local',
      'pbx.local.',
      '-pbx',
      '10.0.0.300',
      '5150',
      'fe80::1%eth0',
      'pbx local',
    ].map((host): [string, string, string, string] => [
      `${host} for an exchange`,
      'server: pbx.example',
      `server: "${host}"`,
      `29:16 sip.server: expected a host name or address alone, such as pbx.example, 192.0.2.5 or [2001:db8::5]: no "sip:", and the port stands in sip.port, came "${host}"`,
    ]),
    [
      'a user of the exchange with a quote in it',
      'user: "5900"',
      `user: '59"00'`,
      String.raw`29:35 sip.user: expected the extension alone, without blanks, quotes or invisible characters, came "59\"00"`,
    ],
    [
      'a line end in the name that the telephone shows',
      'user: "5900"',
      String.raw`user: "5900", displayName: "a\r\nContact: x"`,
      String.raw`29:56 sip.displayName: expected text on one line, without invisible characters, came "a\r\nContact: x"`,
    ],
    ...['２１４', '²14', '٢١٤', '½', 'Ⅻ'].map((number): [string, string, string, string] => [
      `${number} for a door`,
      'number: "2"',
      `number: "${number}"`,
      `10:32 buildings[0].floors[0].rooms[1].number: expected a number as on the door, in the digits 0 to 9 and ordinary letters, came "${number}"`,
    ]),
    [
      'a name that is turned round on the screen',
      'name: Ann Lee',
      String.raw`name: "Ann\u202eLee"`,
      String.raw`15:22 people[0].name: expected text on one line, without invisible characters, came "Ann\u{202e}Lee"`,
    ],
    [
      'a name that shows nothing',
      'name: Ann Lee',
      String.raw`name: "\u3164"`,
      '15:22 people[0].name: expected text on one line, without invisible characters, came "\u3164"',
    ],
    [
      'a receiver that is called as the gateway is on the broker',
      'id: rx-1',
      'id: out',
      '13:11 receivers[0].id: expected another id than gateway, out, under which the gateway itself speaks, came "out"',
    ],
    [
      'a receiver with both',
      'password: a-long-secret',
      'password: a-long-secret, radio: hci0',
      '13:5 receivers[0]: expected a password (a receiver with an account), or a radio (one of this machine), came both',
    ],
    [
      'a radio that is none',
      'password: a-long-secret',
      'radio: bluetooth',
      '13:35 receivers[0].radio: expected an adapter like hci0, or a device like /dev/ttyACM0, came "bluetooth"',
    ],
    [
      'two receivers on one radio',
      'password: a-long-secret }',
      'radio: hci0 }\n  - { id: rx-2, room: r-3, radio: hci0 }',
      '14:35 receivers[1].radio: expected radio used once, came the same as receivers[0].radio',
    ],
    [
      'two receivers with one password, without printing it',
      'password: a-long-secret }',
      'password: a-long-secret }\n  - { id: rx-2, room: r-3, password: a-long-secret }',
      '14:38 receivers[1].password: expected password used once, came the same as receivers[0].password',
    ],
  ])('with %s is refused at its line and column', (_promise, from, to, message) => {
    expect(refusal(changed(from, to))).toBe(`northgate.yaml:${message}`)
  })

  it('with ids, addresses or keys that are there twice is refused, without printing the key', () => {
    const again = `wearer: ann\n  - { id: p-01, address: "c7:f9:36:dd:b0:ca", key: "${KEY}", wearer: ann }`
    const message = refusal(changed('wearer: ann', again))
    expect(message.split('\n')).toEqual([
      'northgate.yaml:21:11 pendants[1].id: expected id used once, came the same as pendants[0].id',
      'northgate.yaml:21:26 pendants[1].address: expected address used once, came the same as pendants[0].address',
      'northgate.yaml:21:52 pendants[1].key: expected key used once, came the same as pendants[0].key',
    ])
    expect(message).not.toContain(KEY)
  })

  it('with several faults is refused with all of them, in the order of the file', () => {
    const text = changed('site: Northgate', 'site: ""')
      .replace('ringSeconds', '')
      .replace('policy: always', 'policy: [1]')
    const lines = refusal(text).split('\n')
    expect(lines).toHaveLength(2)
    expect(lines[0]).toContain('northgate.yaml:1:7 site: ')
    expect(lines[1]).toContain('northgate.yaml:28:9 policy: expected text (in quotes), came a list of 1')
  })

  it.each([
    ['nothing', ''],
    ['a list', '- 1'],
    ['half a document', 'site: "Northg'],
    ['an alias to nowhere', 'site: *nowhere'],
    ['two documents', `${northgate}---\n${northgate}`],
    ['aliases that stand for gigabytes', bomb()],
  ])('that is %s is refused and nothing is thrown but the refusal', (_name, text) => {
    expect(refusal(text)).toMatch(/^northgate\.yaml:\d+:\d+ .*expected .*, came /)
  })

  it.each([
    ['a tab', 'a:\n\t- b\n', '2:1', 'a tab at the beginning of a line: indent with spaces'],
    [
      'a list out of line',
      'a:\n  - b\n - c\n',
      '3:1',
      'a line that is indented otherwise than those beside it',
    ],
    ['a } that is missing', 'a:\n  - { b: 1\n  - { c: 2 }\n', '3:3', 'no } for a { on a line before'],
    ['a quote that is missing', 'a: "b\nc: d\n', '3:1', 'no closing quote for one on a line before'],
    ['a colon that is missing', 'a\nb: c\n', '1:1', 'a field without its colon'],
    ['a colon too many', 'a: b: c\n', '1:4', 'two fields on one line, or a text with a colon'],
    ['a } too many', 'a: { b: 1 }}\n', '1:12', 'something that does not belong there'],
  ])('with %s says so at its place, in no words of a parser', (_name, text, at, came) => {
    const said = refusal(text)
    expect(said).toContain(`northgate.yaml:${at} document: expected sound YAML, came ${came}`)
    expect(said, 'one mistake is one complaint').not.toContain('\n')
    expect(said).not.toMatch(/\b(map|flow|block|sequence|token|implicit|indentation)\b/i)
  })

  it('with digits alone for a key or a password is refused, and they are not shown', () => {
    const text = changed(`key: "${KEY}"`, 'key: 12345678901234567890123456789012')
    expect(refusal(text)).toContain('key: expected text (in quotes), came a number')
    const password = refusal(changed('a-long-secret', '2718281828'))
    expect(password).toContain('password: expected text (in quotes), came a number')
    expect(password).not.toContain('2718')
  })

  it('that is not there is refused by its name', () => {
    expect(() => readSite('/nowhere/at-all.yaml')).toThrow(SiteRefused)
    expect(() => readSite('/nowhere/at-all.yaml')).toThrow(
      /at-all\.yaml: expected a file that can be read, came no such file or folder$/,
    )
  })

  it.each(['pbx', 'my_pbx.local', '192.0.2.5', '[::1]', '[2001:db8::5]', 'pbx-1.example.com'])(
    'with %s for an exchange is read',
    host => {
      expect(parseSite(changed('pbx.example', `"${host}"`), 'x').sip.server).toBe(host)
    },
  )

  it.each(['A 12', 'G.07', '2/14', '12-B', 'Ä3', '第3', 'XI'])('with %s for a door is read', number => {
    const site = parseSite(changed('number: "2"', `number: "${number}"`), 'x')
    expect(site.buildings[0]?.floors[0]?.rooms[1]?.number).toBe(number)
  })

  it('has a JSON Schema for editors, in which defaults may be left out and every key is described', () => {
    const schema = siteJsonSchema()
    expect(schema.required).toContain('telephones')
    expect(schema.required).not.toContain('speech')
    const [described, bare] = keysOf(schema)
    expect(bare).toEqual([])
    expect(described.length).toBeGreaterThan(60)
  })
})

/** The paths of all keys in a JSON Schema: those with a description, and those without. */
function keysOf(schema: unknown, at = ''): [described: string[], bare: string[]] {
  if (typeof schema !== 'object' || schema === null) return [[], []]
  const { properties = {}, ...rest } = schema as { properties?: Record<string, { description?: string }> }
  const found: [string[], string[]] = [[], []]
  for (const [name, value] of Object.entries(properties)) {
    found[(value.description ?? '') === '' ? 1 : 0].push(`${at}.${name}`)
  }
  for (const [name, value] of [...Object.entries(properties), ...Object.entries(rest)]) {
    const [described, bare] = keysOf(value, `${at}.${name}`)
    found[0].push(...described)
    found[1].push(...bare)
  }
  return found
}

function bomb(): string {
  const lines = ['a0: &a0 [x, x, x, x, x, x, x, x, x]']
  for (let i = 1; i < 10; i++)
    lines.push(
      `a${i}: &a${i} [${Array(9)
        .fill(`*a${i - 1}`)
        .join(', ')}]`,
    )
  return lines.join('\n')
}

describe('a button that is not ours', () => {
  const keyed = `    key: "${KEY}"\n    wearer: ann`
  const enrolled = (key: string, bthome: string) =>
    changed(keyed, `${key}    wearer: ann\n    bthome: ${bthome}`)

  it('with a bind key is read: every press is an alarm unless the site says otherwise', () => {
    const [pendant] = parseSite(
      enrolled(`    key: "${KEY}"\n`, '{ double: okay }'),
      'northgate.yaml',
    ).pendants
    expect(pendant?.bthome).toMatchObject({
      allowPlain: false,
      press: 'button',
      double: 'okay',
      hold: 'button',
    })
  })

  it.each<[promise: string, key: string, bthome: string, message: string]>([
    [
      'without a key or leave to be plain',
      '',
      '{}',
      'bthome: expected a key, or allowPlain: true, came neither',
    ],
    [
      'with a key and leave to be plain',
      `    key: "${KEY}"\n`,
      '{ allowPlain: true }',
      'bthome.allowPlain: expected false for a pendant with a key, came true',
    ],
    [
      'of which no press calls anybody',
      `    key: "${KEY}"\n`,
      '{ press: okay, double: none, triple: none, long: none, hold: none }',
      'bthome: expected a press that is button or assist, came none that calls anybody',
    ],
  ])('%s is refused', (_, key, bthome, message) => {
    expect(refusal(enrolled(key, bthome))).toContain(message)
  })
})
