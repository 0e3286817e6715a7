// What was asked for of an account will not do, as an error: said before anything is written.

/** The message is for whoever asked. */
export class AccountRefused extends Error {
  override readonly name = 'AccountRefused'
}
