// needs: c++
// Our configuration for ESPHome. Its lambdas are compiled against a stand-in for what they use of ESPHome, and what they publish goes
// by a real MQTT client to the broker and the engine: what it hears is an alarm, and it is an ordinary receiver.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { parse } from 'yaml'
import { KIND_CORD, KIND_IDLE } from '../../../../schemas/frame.ts'
import { ReceiverStatus, ReportBatch, topicOf } from '../../../../schemas/report.ts'
import { ADDRESS, sealedFrame, site } from '../../../gateway/core/building.ts'
import { type Gateway, startHere } from '../in-process-gateway.ts'

const FILE = 'gateway/receivers/foreign/esphome/tocsin.yaml'
const RECEIVER = 'r-hall'
/** After the flags and the head of the service data. */
const SERVICE_DATA_AT = 14

type Lambda = { lambda: string }
type Config = {
  mqtt: Record<string, unknown>
  esp32_ble_tracker: { on_ble_advertise: { then: Lambda[] }[] }
  globals: { id: string; type: string; initial_value: string }[]
  interval: { then: Lambda[] }[]
}
const config: Config = parse(readFileSync(FILE, 'utf8').replace(/\$\{tocsin_receiver\}/g, RECEIVER), {
  customTags: [{ tag: '!secret', resolve: (name: string) => name }],
})

/** What ESPHome gives to a lambda (esp32_ble_tracker.h, mqtt_client.h, of 2025.4), as far as ours use it. */
const STAND_IN = `
#include <cstdint>
#include <cstdio>
#include <iostream>
#include <map>
#include <string>
#include <vector>
namespace esp32_ble_tracker {
struct ESPBTUUID {
  uint16_t of;
  static ESPBTUUID from_uint16(uint16_t uuid) { return {uuid}; }
  bool operator==(const ESPBTUUID &other) const { return of == other.of; }
  bool operator!=(const ESPBTUUID &other) const { return of != other.of; }
};
struct ServiceData { ESPBTUUID uuid; std::vector<uint8_t> data; };
struct ESPBTDevice {
  std::string address; int rssi; std::vector<ServiceData> services;
  std::string address_str() const { return address; }
  int get_rssi() const { return rssi; }
  const std::vector<ServiceData> &get_service_datas() const { return services; }
};
}
static uint32_t now_ms = 0;
static uint32_t millis() { return now_ms; }
struct Client {
  bool connected = true;
  bool publish(const std::string &topic, const std::string &payload, uint8_t qos = 0, bool retain = false) {
    if (connected) std::cout << (int) qos << (retain ? 'r' : '-') << ' ' << topic << ' ' << payload << '\\n';
    return connected;
  }
} tocsin_mqtt;
#define id(name) name
`

const program = ({ esp32_ble_tracker, globals, interval }: Config): string => `${STAND_IN}
${globals.map(({ id, type, initial_value }) => `static ${type} ${id} = ${initial_value};`).join('\n')}
static void on_advertise(const esp32_ble_tracker::ESPBTDevice &x) { ${lambdaOf(esp32_ble_tracker.on_ble_advertise)} }
static void on_interval() { ${lambdaOf(interval)} }
int main() {
  std::string what, address, hex; int number; unsigned uuid;
  while (std::cin >> what >> number) {
    if (what == "wait") now_ms += number;
    else if (what == "link") tocsin_mqtt.connected = number;
    else if (what == "beat") on_interval();
    else {
      std::cin >> address >> std::hex >> uuid >> std::dec >> hex;
      std::vector<uint8_t> bytes;
      for (size_t i = 0; i + 1 < hex.size(); i += 2) bytes.push_back(std::stoi(hex.substr(i, 2), nullptr, 16));
      on_advertise({address, number, {{{(uint16_t) uuid}, bytes}}});
    }
  }
}
`
const lambdaOf = ([automation]: { then: Lambda[] }[]): string => automation?.then[0]?.lambda ?? ''

let folder = ''
let gateway: Gateway
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tocsin-esphome-'))
  writeFileSync(join(folder, 'node.cpp'), program(config))
  execFileSync('c++', [
    '-std=c++17',
    '-Wall',
    '-Werror',
    '-o',
    join(folder, 'node'),
    join(folder, 'node.cpp'),
  ])
  gateway = await startHere(site())
})
afterAll(async () => {
  await gateway?.close()
  rmSync(folder, { recursive: true, force: true })
})

type Published = { qos: string; topic: string; payload: string }
/** What it publishes when all this happens to it. */
const published = (...happens: string[]): Published[] =>
  execFileSync(join(folder, 'node'), { input: `${happens.join('\n')}\n`, encoding: 'utf8' })
    .split('\n')
    .filter(line => line !== '')
    .map(line => {
      const [qos = '', topic = '', ...payload] = line.split(' ')
      return { qos, topic, payload: payload.join(' ') }
    })
const hears = (frame: string, { rssiDbm = -64, uuid = 'fcd2' } = {}): string =>
  `hear ${rssiDbm} ${ADDRESS.toUpperCase()} ${uuid} ${frame.slice(SERVICE_DATA_AT)}`

it('says what a receiver may say, and nothing else to the broker', () => {
  const { discovery, log_topic, birth_message, will_message, shutdown_message, topic_prefix } = config.mqtt
  expect(discovery).toBe(false)
  expect([log_topic, birth_message, will_message, shutdown_message, topic_prefix]).toEqual(
    Array(5).fill(null),
  )
  expect(config.mqtt).toMatchObject({ username: RECEIVER, client_id: RECEIVER })
})

it('a sealed alarm that it hears is an incident, with its level, and it is online by its heartbeat', async () => {
  const said = published(hears(sealedFrame({ counter: 9, kind: KIND_CORD, alarmNumber: 1 })), 'beat 0')
  expect(said.map(({ qos, topic }) => [qos, topic])).toEqual([
    ['1-', topicOf(RECEIVER, 'reports')],
    ['0-', topicOf(RECEIVER, 'status')],
  ])
  const client = await gateway.connect(RECEIVER)
  for (const { qos, topic, payload } of said)
    await client.publishAsync(topic, payload, { qos: qos.startsWith('1') ? 1 : 0 })
  // What comes after on one connection is carried out after: its PUBACK says that all of it is.
  await client.publishAsync(topicOf(RECEIVER, 'reports'), JSON.stringify({ v: 1, reports: [] }), { qos: 1 })
  const { incidents, receivers } = gateway.engine.desk.snapshot()
  expect(incidents).toMatchObject([
    { kind: 'cord', verified: true, whereabouts: { because: [{ receiver: RECEIVER, rssiDbm: -64 }] } },
  ])
  expect(receivers.find(({ id }) => id === RECEIVER)?.isOnline).toBe(true)
})

it('what it publishes is a report and a heartbeat to the letter, but for the capitals of the address', () => {
  const frame = sealedFrame({ counter: 10, kind: KIND_IDLE })
  const [report, status] = published(
    hears(frame),
    hears('00'.repeat(20), { uuid: '181a' }),
    'wait 20000',
    'beat 0',
  )
  const batch = JSON.parse(report?.payload ?? '')
  expect(batch.reports[0].address).toBe(ADDRESS.toUpperCase())
  batch.reports[0].address = ADDRESS
  expect(ReportBatch.parse(batch).reports).toEqual([
    { address: ADDRESS, data: frame, rssiDbm: -64, ageMs: 0 },
  ])
  expect(ReceiverStatus.parse(JSON.parse(status?.payload ?? ''))).toEqual({
    ...{ v: 1, status: 'online', uptimeMs: 20_000, heard: 2, published: 1, dropped: 0 },
  })
})

it('tells the same bytes once a second, new ones at once, and again what the broker did not take', () => {
  const [one, two] = [1, 2].map(counter =>
    hears(sealedFrame({ counter: 20 + counter, kind: KIND_IDLE })),
  ) as [string, string]
  expect(published(one, one, 'wait 900', one, 'wait 100', one)).toHaveLength(2)
  expect(published(one, two)).toHaveLength(2)
  expect(published('link 0', one, 'link 1', one)).toHaveLength(1)
})
