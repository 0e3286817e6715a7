// Who may import whom. Data moves to the right; see the README of each folder for why.
const core = [
  'decode',
  'authenticate',
  'sighting',
  'locate',
  'alarm',
  'supervision',
  'incident',
  'escalation',
  'page',
]
const rimFolders = ['receivers', 'store', 'pagers', 'console']
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
        pathNot: ['\\.d\\.ts$', '\\.config\\.ts$', '\\.cjs$', 'index\\.html$', '\\.mjs$'],
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
    ...core.flatMap((step, i) =>
      i === core.length - 1
        ? []
        : [
            {
              name: `core-flows-right-${step}`,
              severity: 'error',
              from: { path: `^gateway/core/${step}\\.ts$` },
              to: { path: `^gateway/core/(${core.slice(i + 1).join('|')})\\.ts$` },
            },
          ],
    ),
    ...rimFolders.map(folder => ({
      name: `rim-${folder}-alone`,
      severity: 'error',
      from: { path: `^gateway/${folder}/` },
      to: {
        path: `^gateway/(${rimFolders.filter(other => other !== folder).join('|')}|engine|main|cli)(/|\\.ts)`,
      },
    })),
    {
      name: 'simulator-by-wire',
      severity: 'error',
      from: { path: '^simulator/' },
      to: { path: '^gateway/' },
    },
    {
      name: 'gateway-by-wire',
      severity: 'error',
      from: { path: '^gateway/', pathNot: '^gateway/cli-pendants' },
      to: { path: '^(simulator|firmware|tests)/' },
    },
    {
      name: 'command-line-flashes',
      comment:
        'the command line reaches a pendant by its console, and reckons its power; nothing else of the firmware',
      severity: 'error',
      from: { path: '^gateway/cli-pendants' },
      to: { path: '^(simulator|firmware|tests)/', pathNot: '^firmware/(flash/|(build/)?power[.]ts$)' },
    },
    {
      name: 'nobody-imports-tests',
      severity: 'error',
      from: { pathNot: '^tests/' },
      to: { path: '^tests/' },
    },
    door('aedes', '^gateway/receivers/'),
    door('mqtt', '^gateway/receivers/', '^simulator/receivers'),
    door('better-sqlite3', '^gateway/store/'),
    door('fastify', '^gateway/console/', '^simulator/page/'),
    door('jssip', '^gateway/pagers/sip/'),
    door('rtp\\.js', '^gateway/pagers/sip/', '^simulator/phones/'),
    door('serialport', '^firmware/flash/serial'),
    door('qrcode', '^gateway/label'),
    door('yaml', '^gateway/site', '^simulator/site'),
    door('pino', '^gateway/log'),
    door('prom-client', '^gateway/metrics'),
    door('commander', '^gateway/cli', '^simulator/(main|options|demo)'),
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
