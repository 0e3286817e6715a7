// A broker that cannot listen, as an error; apart from it, so that who starts one in a thread need not load it too.

/** The broker can't listen; `cause` says why. */
export class BrokerFailed extends Error {
  override readonly name = 'BrokerFailed'
}
