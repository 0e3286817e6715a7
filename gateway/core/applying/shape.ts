// What a value read from somewhere is: small questions that are put together to larger ones.

export type Is = (value: unknown) => boolean

export const isText: Is = value => typeof value === 'string'
export const isFlag: Is = value => typeof value === 'boolean'
/** One that can be reckoned with. */
export const isNumber: Is = value => typeof value === 'number' && Math.abs(value) <= Number.MAX_SAFE_INTEGER
export const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null

/** A whole number from 0. */
export const upTo =
  (most: number): Is =>
  value =>
    Number.isInteger(value) && Number(value) >= 0 && Number(value) <= most

/** One of these names. */
export const oneOf =
  (known: object): Is =>
  value =>
    typeof value === 'string' && Object.hasOwn(known, value)

export const orNull =
  (is: Is): Is =>
  value =>
    value === null || is(value)

/** It may be left out. */
export const perhaps =
  (is: Is): Is =>
  value =>
    value === undefined || is(value)

export const listOf =
  (is: Is): Is =>
  value =>
    Array.isArray(value) && value.every(is)

/** An object whose fields are so, whatever else it has. */
export const shaped =
  (fields: Readonly<Record<string, Is>>): Is =>
  value =>
    isObject(value) && Object.entries(fields).every(([field, is]) => is(value[field]))
