// A host and a port out of one word.

/** "127.0.0.1:1883" as its parts. */
export function endpoint(address: string): { host: string; port: number } {
  const at = address.lastIndexOf(':')
  return { host: address.slice(0, at), port: Number(address.slice(at + 1)) }
}
