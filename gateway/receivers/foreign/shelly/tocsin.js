// A Shelly as a receiver: paste this under Scripts, switch on "Run on startup". It passes on the raw frames of BTHome that it hears
// and, from firmware 2.0.0, broadcasts what wearers are told. It runs on the Shelly: ES5, no shift(), few timers, little memory.
// Its MQTT user is the id of the receiver in the site file, which says `foreign: { kind: shelly, script: tocsin }` there.

var RECEIVER = Shelly.getComponentConfig('mqtt').user
var TOPIC = 'tocsin/v1/' + RECEIVER + '/'
var UUID = 'fcd2'

/** One timer for all. Ages are counted in its ticks: the Shelly's clock may not be set. */
var TICK_MS = 200
var HEARTBEAT_TICKS = 50
/** One advertising lasts some 3 s. */
var ADVERTISE_TICKS = 15
/** The same bytes of one sender are told again no oftener: their level may have changed. */
var AGAIN_TICKS = 5
var QUEUE_MAX = 40
var BATCH_MAX = 10
var SENDERS_MAX = 40
var BEACONS_MAX = 16

var ticks = 0
var heard = 0
var published = 0
var dropped = 0
/** What is still to be told, oldest first. */
var queue = []
/** By sender: what it said last, and when that was told. */
var senders = {}
var senderCount = 0
/** What is to be broadcast, and until which tick. */
var beacons = []
var turn = 0

function hexOf(bytes) {
  var text = ''
  for (var i = 0; i < bytes.length; i++) {
    var code = bytes.charCodeAt(i) & 0xff
    text += (code < 16 ? '0' : '') + code.toString(16)
  }
  return text
}

function advertised(bytes) {
  var length = bytes.length + 3
  return '020106' + (length < 16 ? '0' : '') + length.toString(16) + '16d2fc' + hexOf(bytes)
}

/** Whether this is to be told: new bytes at once, the same ones now and then. */
function isDue(address, bytes) {
  var known = senders[address]
  if (known !== undefined && known.bytes === bytes && ticks - known.tick < AGAIN_TICKS) return false
  if (known === undefined) {
    if (senderCount >= SENDERS_MAX) {
      senders = {}
      senderCount = 0
    }
    senderCount += 1
  }
  senders[address] = { bytes: bytes, tick: ticks }
  return true
}

function onScan(event, result) {
  if (event !== BLE.Scanner.SCAN_RESULT || !result) return
  heard += 1
  var bytes = result.service_data ? result.service_data[UUID] : undefined
  if (typeof bytes !== 'string' || bytes.length === 0 || bytes.length > 252) return
  if (!isDue(result.addr, bytes)) return
  if (queue.length >= QUEUE_MAX) {
    queue = queue.slice(1)
    dropped += 1
  }
  queue.push({ address: result.addr, rssiDbm: result.rssi, data: advertised(bytes), tick: ticks })
}

/** The newest first: what waited while the broker was away comes after what is on the air now. */
function tell() {
  if (queue.length === 0 || !MQTT.isConnected()) return
  var from = queue.length > BATCH_MAX ? queue.length - BATCH_MAX : 0
  var reports = []
  for (var i = from; i < queue.length; i++) {
    var each = queue[i]
    var ageMs = (ticks - each.tick) * TICK_MS
    reports.push({ address: each.address, rssiDbm: each.rssiDbm, data: each.data, ageMs: ageMs })
  }
  if (!MQTT.publish(TOPIC + 'reports', JSON.stringify({ v: 1, reports: reports }), 1, false)) return
  published += reports.length
  queue = queue.slice(0, from)
}

function beat() {
  if (!MQTT.isConnected()) return
  var status = { v: 1, status: 'online', uptimeMs: ticks * TICK_MS }
  status.heard = heard
  status.published = published
  status.dropped = dropped
  MQTT.publish(TOPIC + 'status', JSON.stringify(status), 0, false)
}

/** The whole list each time; the flags stand before it by themselves. */
function onBeacons(_topic, message) {
  var order = { beacons: [] }
  try {
    if (message) order = JSON.parse(message)
  } catch (_error) {
    return
  }
  beacons = []
  turn = 0
  for (var i = 0; i < order.beacons.length && i < BEACONS_MAX; i++) {
    var data = order.beacons[i].data
    if (data.slice(0, 6) === '020106') data = data.slice(6)
    beacons.push({ data: data, untilTick: ticks + order.beacons[i].forMs / TICK_MS })
  }
  advertise()
}

/** One of them, by turns. */
function advertise() {
  var live = []
  for (var i = 0; i < beacons.length; i++) if (beacons[i].untilTick > ticks) live.push(beacons[i])
  beacons = live
  if (live.length === 0) return
  Shelly.call('BLE.AdvertiseOnce', { adv_data: live[turn % live.length].data })
  turn += 1
}

function onTick() {
  ticks += 1
  tell()
  if (ticks % HEARTBEAT_TICKS === 0) beat()
  if (ticks % ADVERTISE_TICKS === 0) advertise()
}

BLE.Scanner.Start({ duration_ms: BLE.Scanner.INFINITE_SCAN, active: false }, onScan)
// Older firmware has no way to broadcast, and is asked for nothing.
if (typeof BLE.advertiseOnce === 'function') MQTT.subscribe(TOPIC + 'beacon', onBeacons)
beat()
Timer.set(TICK_MS, true, onTick)
