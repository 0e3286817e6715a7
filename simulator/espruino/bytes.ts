// In: whatever the chip's functions take as bytes (a string, an array of numbers or strings, a buffer, a view of one).
// Out: a Uint8Array of ours.

const byteOf = (item: unknown): number[] =>
  typeof item === 'string' ? [...Buffer.from(item, 'latin1')] : [Number(item) & 0xff]

/** Values made in the firmware's own realm are known by their brand and not by their class. */
const brand = (value: unknown): string => Object.prototype.toString.call(value).slice(8, -1)

/** Throws TypeError for what has no bytes. */
export const bytesOf = (value: unknown): Uint8Array => {
  if (typeof value === 'string') return Uint8Array.from(Buffer.from(value, 'latin1'))
  if (ArrayBuffer.isView(value))
    return new Uint8Array(value.buffer, value.byteOffset, value.byteLength).slice()
  if (brand(value) === 'ArrayBuffer') return new Uint8Array(value as ArrayBuffer).slice()
  if (Array.isArray(value)) return Uint8Array.from(Array.from(value).flatMap(byteOf))
  throw new TypeError(`expected a string, an array or a buffer, came ${brand(value)}`)
}

/** A byte string, as Storage gives files out: one character a byte. */
export const byteString = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1')

type Mapped = ArrayLike<unknown> | ((value: number, index: number) => unknown) | undefined

/** E.mapInPlace, element by element: what `map` has no element for becomes 0. Throws where the chip does, and for `bits`. */
export const mapInPlace = (from: unknown, to: unknown, map?: Mapped, bits?: number): void => {
  if (!ArrayBuffer.isView(from) || !ArrayBuffer.isView(to))
    throw new Error('First 2 arguments should be array buffers')
  if (bits !== undefined) throw new Error('the simulated chip maps whole elements only: leave out the bits')
  const [values, out] = [from as Uint8Array, to as Uint8Array]
  for (let i = 0; i < Math.min(values.length, out.length); i++) {
    const value = values[i] ?? 0
    out[i] = Number((typeof map === 'function' ? map(value, i) : map === undefined ? value : map[value]) ?? 0)
  }
}
