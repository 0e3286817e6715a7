// TLS in front of a port of loopback that speaks plainly, with a certificate of its own: for peers that are to check it, or refuse it.
// Who uses it needs openssl.
import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createServer } from 'node:tls'
import { promisify } from 'node:util'

export type TlsFront = {
  port: number
  /** The certificate, which nobody but itself has signed, as PEM and as a file. */
  certificate: string
  certFile: string
  close(): Promise<void>
}

/** For 127.0.0.1, and good for a day. `name` is its common name. */
export async function tlsInFrontOf(port: number, name: string): Promise<TlsFront> {
  const folder = await mkdtemp(join(tmpdir(), 'tls-'))
  const [keyFile, certFile] = [join(folder, 'key.pem'), join(folder, 'cert.pem')]
  const how = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']
  const about = ['-days', '1', '-subj', `/CN=${name}`, '-addext', 'subjectAltName=IP:127.0.0.1']
  await promisify(execFile)('openssl', [...how, ...about, '-keyout', keyFile, '-out', certFile])
  const certificate = await readFile(certFile, 'utf8')
  const server = createServer({ key: await readFile(keyFile), cert: certificate }, socket => {
    const onward = connect(port, '127.0.0.1')
    for (const each of [socket, onward]) each.on('error', () => each.destroy())
    socket.pipe(onward).pipe(socket)
  })
  server.on('tlsClientError', () => undefined)
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  return {
    port: (server.address() as { port: number }).port,
    certificate,
    certFile,
    async close() {
      server.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}
