// What the gateway and the journal's thread say to each other; everything is plain data.
import type { Journal, JournalBatch } from '../../ports.ts'
import { type FailureKind, JournalFailed } from '../failed.ts'
import type { JournalEnd } from '../note.ts'

type Loaded = Awaited<ReturnType<Journal['load']>>

/** The calls, with what they are given and what they answer. */
export type Called = {
  open: { args: [string]; value: null }
  load: { args: []; value: Loaded }
  commit: { args: [JournalBatch]; value: number }
  hashAt: { args: [number]; value: string | null }
  prove: { args: []; value: undefined }
  close: { args: []; value: undefined }
}

export type Asked = {
  [Call in keyof Called]: { call: number; is: Call; args: Called[Call]['args'] }
}[keyof Called]

/** A failure as it crosses: the kind and the code are what is read of it. */
export type Failure = { message: string; kind: FailureKind; code: string | null }
export type Answer = {
  is: 'answer'
  call: number
  outcome: { value: unknown } | { failure: Failure }
  end: JournalEnd | null
}
export type FromThread = Answer | { is: 'rows'; end: JournalEnd } | { is: 'loss' }

export const failureOf = (error: JournalFailed): Failure => ({
  message: error.message,
  kind: error.kind,
  code: error.code,
})

export function failureFrom({ message, kind, code }: Failure): JournalFailed {
  const cause = code === null ? undefined : Object.assign(new Error(message), { code })
  return new JournalFailed(message, { cause, kind })
}
