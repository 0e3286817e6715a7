// What no alarm can be faster than on this machine, measured in the same seconds as the alarm: an MQTT round trip
// through the same broker, one durable SQLite insert, one loopback TCP round trip.
import { connect, createServer } from 'node:net'
import { join } from 'node:path'
import Sqlite from 'better-sqlite3'
import { topicOf } from '../../schemas/report.ts'
import type { ReceiverClient } from '../gateways/gateway-process.ts'

export type Floor = { measure(): Promise<number>; close(): void }

/** Answers a meter of the floor, in ms. The MQTT echo is a heartbeat at QoS 1: out and acknowledged, nothing decided. */
export async function createFloor(folder: string, receiver: ReceiverClient, id: string): Promise<Floor> {
  const db = new Sqlite(join(folder, 'floor.sqlite'))
  db.pragma('journal_mode = WAL')
  db.pragma('synchronous = FULL')
  db.exec('CREATE TABLE row (seq INTEGER PRIMARY KEY, body TEXT)')
  const insert = db.prepare('INSERT INTO row (body) VALUES (?)')
  const body = 'x'.repeat(700)
  const server = createServer(socket => socket.pipe(socket))
  const port = await new Promise<number>(resolve =>
    server.listen(0, '127.0.0.1', () => resolve((server.address() as { port: number }).port)),
  )
  const socket = connect(port, '127.0.0.1').setNoDelay(true)
  await new Promise<void>(resolve => socket.once('connect', () => resolve()))
  const heartbeat = JSON.stringify({
    v: 1,
    status: 'online',
    uptimeMs: 1,
    heard: 1,
    published: 1,
    dropped: 0,
  })
  return {
    async measure() {
      const startedAtMs = performance.now()
      await receiver.client.publishAsync(topicOf(id, 'status'), heartbeat, { qos: 1 })
      insert.run(body)
      await new Promise<void>(resolve => {
        socket.once('data', () => resolve())
        socket.write(body)
      })
      return performance.now() - startedAtMs
    },
    close() {
      socket.destroy()
      server.close()
      db.close()
    },
  }
}
