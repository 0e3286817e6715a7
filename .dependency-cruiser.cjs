// Who may import whom. Data moves to the right; see the README of each folder for why.
/** The chapters of gateway/core in their order: a folder each. Each imports only itself and those before it. */
const chapters = [
  'plan',
  'locating/building',
  'locating/belief',
  'locating/learning',
  'locating/evaluating',
  'walk',
  'hearing/receivers',
  'hearing',
  'incident',
  'state',
  'deciding/decision',
  'deciding/watching',
  'deciding/radio',
  'deciding/people',
  'deciding',
  'applying',
  'decide.ts',
  'view',
]
/** The files of a chapter itself, without those of its sub-folders. */
const filesOf = chapter =>
  chapter.endsWith('.ts')
    ? `^gateway/core/${chapter.replace('.', '\\.')}$`
    : `^gateway/core/${chapter}/[^/]+$`
const rimFolders = ['receivers', 'radio', 'store', 'pagers', 'console', 'out']
const door = (library, ...places) => ({
  name: `one-door-${library.replace(/\W+/g, '-')}`,
  comment: `${library} enters by one door`,
  severity: 'error',
  from: { path: '^(gateway|simulator|schemas|firmware)/', pathNot: places },
  to: { path: `node_modules/${library}/` },
})

module.exports = {
  forbidden: [
    {
      name: 'no-cycles',
      comment: 'types included: what knows a type knows its file',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'no-orphans',
      severity: 'error',
      from: {
        orphan: true,
        pathNot: [
          '\\.d\\.ts$',
          '\\.config\\.ts$',
          '\\.cjs$',
          'index\\.html$',
          '\\.mjs$',
          '/shelly/tocsin\\.js$',
        ],
      },
      to: {},
    },
    { name: 'resolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
    {
      name: 'schemas-only-zod',
      severity: 'error',
      from: { path: '^schemas/' },
      to: { pathNot: ['^schemas/', 'node_modules/zod/'] },
    },
    { name: 'frame-imports-nothing', severity: 'error', from: { path: '^schemas/frame' }, to: { path: '.' } },
    {
      name: 'chip-imports-itself',
      comment: 'what runs on the chip imports only itself and the frame',
      severity: 'error',
      from: { path: '^firmware/', pathNot: '^firmware/(build|flash)' },
      to: { pathNot: ['^firmware/', '^schemas/frame'] },
    },
    {
      name: 'core-is-pure',
      comment: 'no I/O in the core: nothing from Node but its crypto functions',
      severity: 'error',
      from: { path: '^gateway/core/' },
      to: { pathNot: ['^gateway/core/', '^schemas/', '^gateway/ports', '^(node:)?crypto$'] },
    },
    {
      name: 'core-knows-only-types-of-ports',
      severity: 'error',
      from: { path: '^gateway/core/' },
      to: { path: '^gateway/ports', dependencyTypesNot: ['type-only'] },
    },
    ...chapters.map((chapter, i) => ({
      name: `core-${chapter.replace('/', '-')}-imports-what-stands-before-it`,
      severity: 'error',
      from: { path: filesOf(chapter) },
      to: { path: '^gateway/core/', pathNot: chapters.slice(0, i + 1).map(filesOf) },
    })),
    {
      name: 'core-is-chapters',
      comment: 'a file of the core stands in a chapter',
      severity: 'error',
      from: {},
      to: { path: '^gateway/core/', pathNot: chapters.map(filesOf) },
    },
    {
      name: 'core-is-chapters-too-where-nobody-imports-it',
      severity: 'error',
      from: { path: '^gateway/core/', pathNot: chapters.map(filesOf) },
      to: {},
    },
    ...rimFolders.map(folder => ({
      name: `rim-${folder}-alone`,
      severity: 'error',
      from: { path: `^gateway/${folder}/` },
      to: {
        path: `^gateway/(${rimFolders.filter(other => other !== folder).join('|')}|engine|main|commands)(/|\\.ts)`,
      },
    })),
    {
      name: 'radio-knows-ports',
      comment: 'a receiver is a box of its own: of the gateway it knows the ports and no more',
      severity: 'error',
      from: { path: '^gateway/radio/' },
      to: { path: '^gateway/', pathNot: '^gateway/(radio/|ports[.]ts$)' },
    },
    {
      name: 'channel-alone',
      comment: "a channel's folder imports no other channel's; speech is no channel, and imports none",
      severity: 'error',
      from: { path: '^gateway/pagers/([^/]+)/' },
      to: { path: '^gateway/pagers/[^/]+/', pathNot: '^gateway/pagers/($1|speech)/' },
    },
    {
      name: 'channel-by-its-line',
      comment: 'only the list of channels knows one; the doctor tries the voice alone',
      severity: 'error',
      from: {
        path: '^(gateway|schemas|simulator)/',
        pathNot: '^gateway/(pagers/(channels[.]ts$|[^/]+/)|commands/doctor/voice[.]ts$)',
      },
      to: { path: '^gateway/pagers/[^/]+/' },
    },
    {
      name: 'simulator-by-wire',
      comment: 'its receivers run the code of real ones; of the gateway itself nothing is known',
      severity: 'error',
      from: { path: '^simulator/' },
      to: { path: '^gateway/', pathNot: '^gateway/radio/' },
    },
    {
      name: 'gateway-by-wire',
      severity: 'error',
      from: { path: '^gateway/', pathNot: '^gateway/commands/pendants' },
      to: { path: '^(simulator|firmware|tests)/' },
    },
    {
      name: 'command-line-flashes',
      comment:
        'the command line reaches a pendant by its console, and reckons its power; nothing else of the firmware',
      severity: 'error',
      from: { path: '^gateway/commands/pendants' },
      to: { path: '^(simulator|firmware|tests)/', pathNot: '^firmware/(flash/|(build|cell)/power[.]ts$)' },
    },
    {
      name: 'nobody-imports-tests',
      severity: 'error',
      from: { pathNot: '^tests/' },
      to: { path: '^tests/' },
    },
    door('aedes', '^gateway/receivers/'),
    door('mqtt', '^gateway/receivers/', '^gateway/radio/link', '^simulator/receivers'),
    door('better-sqlite3', '^gateway/store/'),
    door('fastify', '^gateway/console/', '^simulator/page/'),
    door('jssip', '^gateway/pagers/sip/'),
    door('rtp\\.js', '^gateway/pagers/sip/', '^simulator/phones/'),
    door('serialport', '^gateway/radio/hci/line/serial-port'),
    door('@stoprocent/bluetooth-hci-socket', '^gateway/radio/hci/line/kernel'),
    door('qrcode', '^gateway/commands/enrol/label'),
    door('yaml', '^gateway/site/', '^simulator/gateway/site'),
    door('pino', '^gateway/log'),
    door('prom-client', '^gateway/metrics'),
    door('commander', '^gateway/commands/', '^simulator/(main|options|demo/)'),
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^dist/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
      extensions: ['.ts', '.tsx', '.mjs', '.js', '.cjs'],
    },
  },
}
