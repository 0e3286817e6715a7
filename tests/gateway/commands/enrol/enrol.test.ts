// A pendant enrolled: what stands in the site file afterwards, byte for byte, and what is in its folder.
import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { iBeaconIn, keyIn, settingsText } from '../../../../firmware/flash/settings-text.ts'
import { enrol, nextId } from '../../../../gateway/commands/enrol/enrol.ts'
import { siteChange } from '../../../../gateway/commands/enrol/flash-site.ts'
import { codeText, labelSvg } from '../../../../gateway/commands/enrol/label.ts'
import { changeSite, SiteNotChanged, withAddress, withPendant } from '../../../../gateway/site/pendant.ts'
import { parseSite, readSite } from '../../../../gateway/site/read.ts'

const KEY = '231d39c1d7cc1ab1aee224cd096db932'
const OTHER_KEY = '00112233445566778899001122334455'
const THIRD_KEY = '99112233445566778899001122334455'
const UUID = 'e5ca1ade-f007-ba11-0000-000000000000'
const site = (pendants: string): string => `# The north gate. Keep the comments.
site:   Northgate
buildings:
  - id: main
    name: Main building # rebuilt in 1998, and this comment is far longer than the eighty characters that YAML writers fold at
    floors: [{ id: ground, name: Ground floor, rooms: [{ id: r-1, number: "1" }] }]
receivers:
    - { id: rx-1, room: r-1, password: a-long-secret }
people: [{ id: ann, name: Ann Lee }, { id: ben, name: Ben Ray }]
${pendants}
telephones:
  - { number: "5150", name: Security desk, role: security }
policies:
  - id: always
    steps:
      - targets: [{ channel: sip, to: "5150" }]
policy: always
sip: { server: pbx.example, user: "5900" }
`
const styles = {
  'one on a line': `
# who wears what
pendants:
  - { id: p-07, address: 'c7:f9:36:dd:b0:ca', key: "${KEY}", wearer: ann } # spare clip
`,
  'one below the other': `
pendants:
- id: p-07
  address: c7:f9:36:dd:b0:ca   # as printed
  key: "${KEY}"
  wearer: ann # on leave

# the desk
`,
  'all on one line': `
pendants: [{ id: p-07, address: 'c7:f9:36:dd:b0:ca', key: "${KEY}", wearer: ann }] # all
`,
  'none yet': `
pendants: [] # none
`,
}
const added = { id: 'p-08', address: 'd4:1e:8a:07:5c:31', key: OTHER_KEY, wearer: 'ben' }

describe('the site file', () => {
  it.each(Object.entries(styles))('gains a pendant and keeps every other byte: %s', (_, style) => {
    const before = site(style)
    const after = withPendant(before, 'northgate.yaml', added)
    expect(parseSite(after, 'x').pendants.at(-1)).toEqual(added)
    const rest = after.split('\n')
    for (const line of before.split('\n')) {
      if (!line.startsWith('pendants: [')) expect(rest).toContain(line)
    }
    for (const comment of before.match(/#.*$/gm) ?? []) expect(after).toContain(comment)
    expect(withPendant(before, 'x', added).length).toBeLessThan(before.length + 130)
  })

  it('takes one in the style of the one before it', () => {
    const after = withPendant(site(styles['one on a line']), 'x', added)
    expect(after).toContain(
      `# spare clip\n  - { id: p-08, address: 'd4:1e:8a:07:5c:31', key: '${OTHER_KEY}', wearer: ben }\n`,
    )
    expect(withPendant(site(styles['one below the other']), 'x', added)).toContain(
      `wearer: ann # on leave\n- id: p-08\n  address: 'd4:1e:8a:07:5c:31'\n  key: '${OTHER_KEY}'\n  wearer: ben\n`,
    )
  })

  it.each([
    ['an id that is there', { ...added, id: 'p-07' }, /id used once/],
    ['an address that is there', { ...added, address: 'c7:f9:36:dd:b0:ca' }, /address used once/],
    ['a key that is there', { ...added, key: KEY }, /key used once/],
    ['a wearer who is nobody', { ...added, wearer: 'zoe' }, /expected an id under people/],
    ['an id that is none', { ...added, id: 'P 8' }, /expected an id/],
    ['an identity that is none', { ...added, iBeacon: `${UUID}-1` }, /expected an iBeacon identity/],
    ['one beyond its bytes', { ...added, iBeacon: `${UUID}-1-65536` }, /expected an iBeacon identity/],
    ['one written twofold', { ...added, iBeacon: `${UUID}-1-07` }, /expected an iBeacon identity/],
  ])('refuses %s', (_, pendant, why) => {
    expect(() => withPendant(site(styles['one on a line']), 'x', pendant)).toThrow(why)
  })

  it('refuses the same iBeacon identity twice, and any at a button that is not ours', () => {
    const one = withPendant(site(styles['one on a line']), 'x', { ...added, iBeacon: `${UUID}-1-7` })
    expect(parseSite(one, 'x').pendants.at(-1)?.iBeacon).toBe(`${UUID}-1-7`)
    const third = { id: 'p-09', address: 'd4:1e:8a:07:5c:32', key: THIRD_KEY, wearer: 'ben' }
    expect(() => withPendant(one, 'x', { ...third, iBeacon: `${UUID}-1-7` })).toThrow(
      /iBeacon identity used once/,
    )
    expect(parseSite(withPendant(one, 'x', { ...third, iBeacon: `${UUID}-1-8` }), 'x').pendants).toHaveLength(
      3,
    )
    const foreign = one.replace('wearer: ben,', 'wearer: ben, bthome: {},')
    expect(() => parseSite(foreign, 'x')).toThrow(/iBeacon: expected none for a button that is not ours/)
  })

  it('takes another address and changes nothing else', () => {
    const before = site(styles['one below the other'])
    const after = withAddress(before, 'x', 'p-07', 'd4:1e:8a:07:5c:31')
    expect(after).toBe(before.replace('c7:f9:36:dd:b0:ca', "'d4:1e:8a:07:5c:31'"))
    expect(() => withAddress(before, 'x', 'p-99', 'd4:1e:8a:07:5c:31')).toThrow(SiteNotChanged)
  })

  it('refuses a list that stands elsewhere', () => {
    const aliased = site('pendants: *others').replace('site:   N', 'sip: &others []\nsite:   N')
    expect(() => withPendant(aliased, 'x', added)).toThrow()
  })
})

describe('enrolling', () => {
  let folder = ''
  let siteFile = ''
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tocsin-enrol-'))
    siteFile = join(folder, 'northgate.yaml')
    await writeFile(siteFile, site(styles['one on a line']))
    await chmod(siteFile, 0o640)
  })
  afterEach(() => rm(folder, { recursive: true, force: true }))
  const out = (): string => join(folder, 'out')
  const settings = async (): Promise<{ id: string; key: string }> =>
    JSON.parse(await readFile(join(out(), 'tocsin.json'), 'utf8'))

  it('puts the pendant into the site with the key that its settings have', async () => {
    const { id, isInSite, code } = await enrol({
      siteFile,
      wearer: 'ben',
      address: added.address,
      out: out(),
    })
    expect({ id, isInSite }).toEqual({ id: 'p-08', isInSite: true })
    const { key } = await settings()
    expect(readSite(siteFile).pendants.at(-1)).toEqual({ ...added, key })
    expect(key).toMatch(/^[0-9a-f]{32}$/)
    expect(code).toContain('█')
    expect((await stat(siteFile)).mode & 0o777).toBe(0o640)
    expect((await stat(join(out(), 'tocsin.json'))).mode & 0o777).toBe(0o600)
    expect(settingsText(await readFile(join(out(), 'tocsin.json'), 'utf8'), 'x').id).toBe('p-08')
    expect(await readdir(folder)).toEqual(['northgate.yaml', 'out'])
  })

  it('gives each pendant a key of its own and never puts it on the label', async () => {
    await enrol({ siteFile, wearer: 'ben', address: added.address, out: out() })
    const { key } = await settings()
    expect(key).not.toBe(KEY)
    expect(await readFile(join(out(), 'label.svg'), 'utf8')).not.toContain(key)
  })

  it('leaves the site as it is while the address is not known', async () => {
    const before = await readFile(siteFile, 'utf8')
    const { isInSite } = await enrol({ siteFile, wearer: 'ben', out: out() })
    expect(isInSite).toBe(false)
    expect(await readFile(siteFile, 'utf8')).toBe(before)
    expect(JSON.parse(await readFile(join(out(), 'enrolment.json'), 'utf8'))).toEqual({ wearer: 'ben' })
  })

  it('gives it no iBeacon identity unless it is asked to', async () => {
    const { iBeacon } = await enrol({ siteFile, wearer: 'ben', address: added.address, out: out() })
    expect(iBeacon).toBeUndefined()
    expect(Object.keys(await settings())).toEqual(['id', 'key'])
    expect(await readFile(siteFile, 'utf8')).not.toContain('iBeacon')
  })

  it('gives it the next identity under a UUID, in the site and as a packet in its settings', async () => {
    const asked = { siteFile, wearer: 'ben', iBeacon: UUID }
    await enrol({ ...asked, address: added.address, out: out() })
    expect(readSite(siteFile).pendants.at(-1)?.iBeacon).toBe(`${UUID}-1-1`)
    const text = settingsText(await readFile(join(out(), 'tocsin.json'), 'utf8'), 'x')
    expect(iBeaconIn(text)).toBe(`${UUID}-1-1`)
    expect(JSON.parse(text.text).iBeacon).toBe(`0201061aff4c000215${UUID.replaceAll('-', '')}00010001c5`)
    const next = await enrol({ ...asked, address: 'd4:1e:8a:07:5c:32', out: join(folder, 'next') })
    expect(next.iBeacon).toBe(`${UUID}-1-2`)
    const whole = { ...asked, iBeacon: `${UUID}-100-7`, out: join(folder, 'whole') }
    expect((await enrol({ ...whole, address: 'd4:1e:8a:07:5c:33' })).iBeacon).toBe(`${UUID}-100-7`)
    await expect(enrol({ ...whole, out: join(folder, 'again') })).rejects.toThrow(
      /iBeacon identity used once/,
    )
    expect(await readdir(folder)).not.toContain('again')
  })

  describe('flashed into the site', () => {
    const flashing = async (file = join(out(), 'tocsin.json')) => {
      const text = settingsText(await readFile(file, 'utf8'), file)
      const going = { id: text.id, key: keyIn(text), iBeacon: iBeaconIn(text) }
      return siteChange({ site: siteFile, settings: file }, going)
    }

    it('it comes with who wears it and the identity that it airs, at the address that was read', async () => {
      await enrol({ siteFile, wearer: 'ben', iBeacon: UUID, out: out() })
      const change = await flashing()
      await change(added.address)
      expect(readSite(siteFile).pendants.at(-1)).toMatchObject({
        ...{ id: 'p-08', address: added.address, wearer: 'ben', iBeacon: `${UUID}-1-1` },
      })
    })

    it('is refused before it is touched where another has its identity by now', async () => {
      await enrol({ siteFile, wearer: 'ben', iBeacon: UUID, out: out() })
      await writeFile(
        siteFile,
        withPendant(await readFile(siteFile, 'utf8'), 'x', { ...added, id: 'p-09', iBeacon: `${UUID}-1-1` }),
      )
      await expect(flashing()).rejects.toThrow(/iBeacon identity used once/)
    })

    it.each([
      [
        'the site has none',
        (text: string) => text.replace(`, iBeacon: ${UUID}-1-1`, ''),
        /-1-1, .* and it is none/,
      ],
      ['it has another', (text: string) => text.replace('-1-1', '-1-2'), /-1-1, .* and it is .*-1-2/],
      [
        'its key is another',
        (text: string) =>
          text.replace(/key: '?[0-9a-f]{32}'?, wearer: ben/, `key: '${OTHER_KEY}', wearer: ben`),
        /expected the key of p-08/,
      ],
    ])('is refused before it is touched where %s', async (_, change, why) => {
      await enrol({ siteFile, wearer: 'ben', iBeacon: UUID, address: added.address, out: out() })
      const before = await readFile(siteFile, 'utf8')
      expect(change(before)).not.toBe(before)
      await writeFile(siteFile, change(before))
      await expect(flashing()).rejects.toThrow(why)
    })
  })

  it('writes nothing at all where anything is wrong', async () => {
    const before = await readFile(siteFile, 'utf8')
    await expect(enrol({ siteFile, wearer: 'zoe', out: out() })).rejects.toThrow(SiteNotChanged)
    await expect(enrol({ siteFile, wearer: 'ben', id: 'p-07', out: out() })).rejects.toThrow(SiteNotChanged)
    expect(await readFile(siteFile, 'utf8')).toBe(before)
    expect(await readdir(folder)).toEqual(['northgate.yaml'])
  })

  it('makes no second key for a wearer whose pendant waits to be flashed, wherever its folder is', async () => {
    await enrol({ siteFile, wearer: 'ben', out: out() })
    const again = { siteFile, wearer: 'ben', out: join(folder, 'elsewhere') }
    await expect(enrol(again)).rejects.toThrow(/p-08 does; .*out\/tocsin.json/)
    await expect(enrol({ ...again, wearer: 'ann', id: 'p-08' })).rejects.toThrow(/: flash that one$/)
    expect((await enrol({ ...again, wearer: 'ann' })).id).toBe('p-09')
    expect((await enrol({ ...again, out: join(folder, 'third'), isAnother: true })).id).toBe('p-10')
    for (const name of await readdir(`${siteFile}.enrolled`)) {
      expect(await readFile(join(`${siteFile}.enrolled`, name), 'utf8')).not.toMatch(/[0-9a-f]{32}/)
    }
  })

  it('waits no more once it is flashed, or once its settings were thrown away', async () => {
    await enrol({ siteFile, wearer: 'ben', out: out() })
    await (
      await siteChange(
        { settings: join(out(), 'tocsin.json'), site: siteFile },
        { id: 'p-08', key: (await settings()).key, iBeacon: undefined },
      )
    )(added.address)
    expect(await readdir(folder)).not.toContain('northgate.yaml.enrolled')
    const lost = join(folder, 'lost')
    await enrol({ siteFile, wearer: 'ben', out: lost })
    await rm(lost, { recursive: true })
    expect((await enrol({ siteFile, wearer: 'ben', out: lost })).id).toBe('p-09')
  })

  it('of two at the same moment gives one id to one of them', async () => {
    const both = await Promise.allSettled(
      ['a', 'b'].map(each =>
        enrol({ siteFile, wearer: 'ben', out: join(folder, each), isAnother: true, id: 'p-20' }),
      ),
    )
    expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
  })

  it('never writes over the settings of a pendant', async () => {
    await enrol({ siteFile, wearer: 'ben', out: out() })
    const before = await settings()
    await expect(enrol({ siteFile, wearer: 'ben', address: added.address, out: out() })).rejects.toThrow(
      /may hold a pendant's only key/,
    )
    expect(await settings()).toEqual(before)
    expect(readSite(siteFile).pendants).toHaveLength(1)
  })

  it('keeps the file where a change throws halfway', async () => {
    const before = await readFile(siteFile, 'utf8')
    const change = changeSite(siteFile, () => {
      throw new Error('no')
    })
    await expect(change).rejects.toThrow('no')
    expect(await readFile(siteFile, 'utf8')).toBe(before)
    expect(await readdir(folder)).toEqual(['northgate.yaml'])
  })
})

describe('the label', () => {
  it('says who the pendant is and no more', () => {
    expect(codeText({ id: 'p-08', address: added.address })).toBe('tocsin:p-08?address=d41e8a075c31')
    expect(codeText({ id: 'p-08', address: null })).toBe('tocsin:p-08')
    const svg = labelSvg({ id: 'p-08', address: added.address })
    expect(svg).toMatch(/^<svg /)
    expect(svg).toContain('>p-08</text>')
    expect(svg).toContain('>d4:1e:8a</text>')
  })

  it('is numbered after the highest there is', () => {
    expect(nextId(parseSite(site(styles['one on a line']), 'x'))).toBe('p-08')
    expect(nextId(parseSite(site(styles['none yet']), 'x'))).toBe('p-01')
  })
})

describe('settings for the chip', () => {
  const text = (more: object): string => JSON.stringify({ id: 'p-08', key: KEY, ...more })
  it.each([
    ['no JSON', '{', /expected a JSON object/],
    ['no key', '{"id":"p-08"}', /expected "key"/],
    ['no id', JSON.stringify({ key: KEY }), /expected "id"/],
    ['a name nobody knows', text({ holdMS: 600 }), /came "holdMS"/],
    ['a number out of bounds', text({ holdMs: 5 }), /would take as 200/],
    [
      'sound, which no board makes',
      text({ telling: 3 }),
      /"telling" within its bounds, came 3, .* take as 2/,
    ],
    [
      'an identity of too few digits',
      text({ iBeacon: '0201061aff4c00' }),
      /expected "iBeacon" of 60 hex digits/,
    ],
    [
      'a packet that is no iBeacon',
      text({ iBeacon: `0201061a09${'41'.repeat(25)}` }),
      /expected "iBeacon" as the packet of an iBeacon/,
    ],
  ])('refuses %s, and never shows the key', (_, given, why) => {
    expect(() => settingsText(given, 'tocsin.json')).toThrow(why)
    expect(() => settingsText(given, 'tocsin.json')).not.toThrow(KEY)
  })
})
