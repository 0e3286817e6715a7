// What JsSIP takes for a browser's RTCPeerConnection: descriptions go in and out as plain SDP, the sound is a Leg.
// Only the parts that RTCSession of the pinned JsSIP calls are here; each is promise-shaped because it expects them so.
import type { Leg } from '../media/leg.ts'
import { answer, type Direction, mirrored, offer, type Remote, readRemote } from '../media/sdp.ts'

type Description = { type: 'offer' | 'answer'; sdp: string }

/** `onRemote` hears each new description of the other side, with its direction as they see it. */
export type ConnectionSetting = { leg: Leg; onRemote(remote: Remote): void }

export class Connection {
  readonly iceGatheringState = 'complete'
  readonly iceConnectionState = 'connected'
  signalingState: 'stable' | 'have-local-offer' | 'have-remote-offer' = 'stable'
  localDescription: Description | null = null
  #setting: ConnectionSetting
  #remote: Remote | null = null
  #version = 0

  constructor(setting: ConnectionSetting) {
    this.#setting = setting
  }

  async createOffer(): Promise<Description> {
    return { type: 'offer', sdp: offer(this.#local('sendrecv')) }
  }

  async createAnswer(): Promise<Description> {
    if (!this.#remote) throw new Error('an answer needs an offer')
    return { type: 'answer', sdp: answer(this.#local(mirrored(this.#remote.direction)), this.#remote) }
  }

  async setLocalDescription(description: Description): Promise<void> {
    this.localDescription = description
    this.signalingState = description.type === 'offer' ? 'have-local-offer' : 'stable'
  }

  async setRemoteDescription(description: Description): Promise<void> {
    this.#remote = readRemote(description.sdp)
    this.signalingState = description.type === 'offer' ? 'have-remote-offer' : 'stable'
    this.#setting.leg.aim(this.#remote)
    this.#setting.onRemote(this.#remote)
  }

  getSenders(): [] {
    return []
  }

  // There is no ICE here, hence nothing to be told of.
  addEventListener(): void {}
  removeEventListener(): void {}

  // The leg belongs to the call, which closes it.
  close(): void {}

  #local(direction: Direction) {
    this.#version += 1
    return { host: this.#setting.leg.host, port: this.#setting.leg.port, version: this.#version, direction }
  }
}
