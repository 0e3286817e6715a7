// A JavaScript realm with what the chip has and nothing else: what Node could do and the chip cannot is taken away, so
// that firmware fails here where it would fail on the wrist.
import { createContext, Script } from 'node:vm'
import { METHODS, MISSING, STATICS } from '../../firmware/build/builtins.ts'

/** Runs inside the realm, before the firmware. A member that cannot be taken away is one the language itself needs. */
const strip = `(function (missing, statics, methods) {
  const needed = ['prototype', 'name', 'constructor', 'length'];
  const reduce = (object, kept) => {
    for (const name of Object.getOwnPropertyNames(object)) {
      if (!kept.includes(name) && !needed.includes(name)) delete object[name];
    }
  };
  const typed = Object.getPrototypeOf(Uint8Array);
  const globals = globalThis;
  for (const name of Object.keys(methods)) {
    if (name === 'Uint8Array') reduce(typed.prototype, methods[name]);
    else reduce(globals[name].prototype, methods[name]);
  }
  for (const name of Object.keys(statics)) {
    if (name !== 'Object') reduce(globals[name], statics[name]);
  }
  reduce(typed, []);
  const names = statics.Object;
  for (const name of missing) delete globals[name];
  reduce(Object, names);
})`

const stripScript = new Script(strip, { filename: 'chip-realm.js' })

/** A fresh realm whose globals are the chip's language and `globals`; the answer runs a script in it. */
export const createRealm = (globals: Readonly<Record<string, unknown>>): ((code: string) => void) => {
  const context = createContext({}, { codeGeneration: { strings: true, wasm: false } })
  stripScript.runInContext(context)(MISSING, STATICS, METHODS)
  Object.assign(context, globals)
  delete context.console
  Object.assign(context, globals)
  return code => {
    new Script(code, { filename: 'firmware.js' }).runInContext(context)
  }
}
