// Loaded before anything else where Node is another than the one that node_modules was installed for: better-sqlite3's
// library fits one Node only, so the one in TOCSIN_SQLITE, made for this Node, is loaded instead of it.
const { dlopen } = process
const library = process.env.TOCSIN_SQLITE
process.dlopen = (module, file, ...flags) =>
  dlopen.call(process, module, file.endsWith('better_sqlite3.node') ? library : file, ...flags)
