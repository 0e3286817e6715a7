// A JavaScript realm with what the chip has and nothing else: what Node could do and the chip cannot is taken away, so
// that firmware fails here where it would fail on the wrist.
import { createContext, Script } from 'node:vm'
import { METHODS, MISSING, STATICS } from '../../firmware/build/builtins.ts'

/** Runs inside the realm, before the firmware. A member that cannot be taken away is one the language itself needs. */
const strip = `(function (missing, statics, methods, nowMs, random) {
  const needed = ['prototype', 'name', 'constructor', 'length'];
  const reduce = (object, kept) => {
    for (const name of Object.getOwnPropertyNames(object)) {
      if (!kept.includes(name) && !needed.includes(name)) delete object[name];
    }
  };
  const typed = Object.getPrototypeOf(Uint8Array);
  const globals = globalThis;
  globals.global = globals;
  for (const name of Object.keys(methods)) {
    if (name === 'Uint8Array') reduce(typed.prototype, methods[name]);
    else reduce(globals[name].prototype, methods[name]);
  }
  for (const name of Object.keys(statics)) {
    if (name !== 'Object') reduce(globals[name], statics[name]);
  }
  reduce(typed, []);
  // On the chip these two give an Array, whatever the view was, and JSON of a view is that of an Array.
  typed.prototype.slice = function (from, to) { return Array.prototype.slice.call(this, from, to) };
  typed.prototype.filter = function (keep) { return Array.prototype.filter.call(this, keep) };
  typed.prototype.toJSON = function () { return Array.prototype.slice.call(this) };
  const RealDate = Date;
  globals.Date = class Date extends RealDate {
    constructor(...given) { if (given.length > 0) super(...given); else super(nowMs()) }
    static now() { return nowMs() }
  };
  Math.random = random;
  for (const name of missing) delete globals[name];
  reduce(Object, statics.Object);
})`

const stripScript = new Script(strip, { filename: 'chip-realm.js' })

export type RealmOutside = { nowMs: () => number; random: () => number }

/** A fresh realm whose globals are the chip's language and `globals`; the answer runs a script in it, for its value. */
export const createRealm = (
  globals: Readonly<Record<string, unknown>>,
  outside: RealmOutside,
): ((code: string) => unknown) => {
  const context = createContext({})
  stripScript.runInContext(context)(MISSING, STATICS, METHODS, outside.nowMs, outside.random)
  Object.assign(context, globals)
  return code => new Script(code, { filename: 'firmware.js' }).runInContext(context)
}
