// Acknowledgements in the order of the messages (MQTT 3.1.1 §4.6), however their commits end.

/** Calls `then` with null once `commit` resolved, or with its error, after all earlier ones of the same sender. */
export type InTurn = (sender: object, commit: Promise<unknown>, then: (error: Error | null) => void) => void

/** One queue per sender, gone with it. */
export function inTurn(): InTurn {
  const lastOf = new WeakMap<object, Promise<void>>()
  return (sender, commit, then) => {
    const outcome = commit.then(
      () => null,
      (error: unknown) => (error instanceof Error ? error : new Error(String(error))),
    )
    const before = lastOf.get(sender) ?? Promise.resolve()
    lastOf.set(
      sender,
      before.then(async () => then(await outcome)),
    )
  }
}
