// What machines call a fault comes in, what a guard would call it goes out. Pure: texts of the gateway, of the exchange and of
// this computer hold codes of errors and answers of the telephone network, each known by its exact form.

/** Codes of the operating system and of the journal's file, in words that fit after "because". */
const CODES: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing answers',
  ECONNRESET: 'the connection was cut',
  ECONNABORTED: 'the connection was cut',
  EPIPE: 'the connection was cut',
  ENOTCONN: 'there is no connection',
  ETIMEDOUT: 'no answer in time',
  ESOCKETTIMEDOUT: 'no answer in time',
  EHOSTUNREACH: 'there is no way',
  EHOSTDOWN: 'the machine is down',
  ENETUNREACH: 'there is no network',
  ENETDOWN: 'there is no network',
  ENOTFOUND: 'nobody knows the name',
  EAI_AGAIN: 'names cannot be looked up now',
  EADDRINUSE: 'another program has the port',
  EADDRNOTAVAIL: 'this machine has no such address',
  EPROTO: 'the other side speaks another protocol',
  EACCES: 'it is not allowed',
  EPERM: 'it is not allowed',
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk is full',
  EROFS: 'the disk can only be read',
  EIO: 'the disk is failing',
  ENOENT: 'the file is not there',
  EMFILE: 'too many files are open',
  ENFILE: 'too many files are open',
  ENOMEM: 'there is no memory left',
  SQLITE_FULL: 'the disk is full',
  SQLITE_READONLY: 'the disk can only be read',
  SQLITE_IOERR: 'the disk is failing',
  SQLITE_CORRUPT: 'the file is damaged',
  SQLITE_NOTADB: 'the file is damaged',
  SQLITE_BUSY: 'another program has the file',
  SQLITE_LOCKED: 'another program has the file',
  SQLITE_CANTOPEN: 'the file cannot be opened',
}
const OTHER_CODE = 'this computer reports a fault'

/** Answers of the telephone network (RFC 3261 section 21), by their exact phrases: "404" alone may be a room. */
const ANSWERS: Readonly<Record<string, string>> = {
  '401 Unauthorized': 'the exchange does not accept our password',
  '403 Forbidden': 'the exchange does not allow it',
  '404 Not Found': 'the exchange does not know the number',
  '407 Proxy Authentication Required': 'the exchange does not accept our password',
  '408 Request Timeout': 'no answer in time',
  '410 Gone': 'the number is no longer in use',
  '480 Temporarily Unavailable': 'the telephone is not connected',
  '484 Address Incomplete': 'the number is not complete',
  '486 Busy Here': 'busy',
  '487 Request Terminated': 'the call was ended',
  '488 Not Acceptable Here': 'the telephone cannot play our sound',
  '500 Server Internal Error': 'the exchange has a fault',
  '502 Bad Gateway': 'the exchange has a fault',
  '503 Service Unavailable': 'the exchange cannot do it now',
  '504 Server Time-out': 'the exchange does not answer',
  '600 Busy Everywhere': 'busy',
  '603 Decline': 'declined',
  // How the telephone's own library names what ended a call where no answer came (JsSIP, its causes).
  'Connection Error': 'there is no connection',
  'Request Timeout': 'no answer in time',
  'RTP Timeout': 'no sound came',
  'Dialog Error': 'the telephone answered out of turn',
  'Authentication Error': 'the exchange does not accept our password',
  'Internal Error': 'this computer reports a fault',
  'SIP Failure Code': 'refused',
  'Incompatible SDP': 'the telephone cannot play our sound',
  'Missing SDP': 'the telephone did not say where to send the sound',
  'No ACK': 'the answer was not confirmed',
}
const ANSWER = new RegExp(Object.keys(ANSWERS).join('|'), 'g')

/** "connect ECONNREFUSED 127.0.0.1:5060", "ENOSPC: no space left on device, write": what called, the code, the words after it. */
const CODE =
  /(?:\b(?:connect|listen|bind|getaddrinfo|query\w*|read|write|send|spawn|open|fsync|fdatasync) )?\b(E[A-Z]{2,}(?:_[A-Z]+)?|(?:SQLITE|ERR|FST|HPE|UNABLE|CERT|DEPTH)_[A-Z0-9_]+)\b(?:: [a-z][a-z ]+(?:, \w+)?(?: '[^']*')?(?=$|[);.]))?/g
/** "SqliteError: …", "TypeError: …": what a program calls the kind of its fault. */
const CLASS = /\b[A-Z]\w*(?:Error|Exception|Failed): /g

/** The text without codes: "nothing answers at 127.0.0.1:5060". What is no code stays as it is. */
export function plain(text: string): string {
  return text
    .replace(CLASS, '')
    .replace(ANSWER, found => ANSWERS[found] ?? found)
    .replace(CODE, (found, code: string) => wordsOf(code) ?? found)
    .replace(/(nothing answers|no answer in time|there is no way) (?=[\d[:]|[a-z-]+\.)/g, '$1 at ')
}

function wordsOf(code: string): string | null {
  const known = CODES[code] ?? CODES[code.split('_').slice(0, 2).join('_')]
  if (known !== undefined) return known
  return code.includes('_') ? OTHER_CODE : null
}
