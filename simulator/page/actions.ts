// What a developer does to the building over HTTP: bodies come in, the building's own actions are called, 204 or why not goes out.
import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { type Building, type Done, GESTURE_NAMES } from './building.ts'
import { refuse } from './refusal.ts'

/** Nobody holds a button for longer than this by hand. */
const HELD_MS_MAX = 60_000

const Cord = z.strictObject({ isParted: z.boolean() })
const Press = z.strictObject({ heldMs: z.number().int().min(1).max(HELD_MS_MAX) })
const Button = z.strictObject({ isDown: z.boolean() })
const Gesture = z.strictObject({ gesture: z.enum(GESTURE_NAMES) })
const Move = z.strictObject({ room: z.string().min(1) })
const Up = z.strictObject({ isUp: z.boolean() })
const Which = z.strictObject({ call: z.string().min(1).max(256).optional() })
const Key = z.strictObject({ key: z.string().regex(/^[0-9*#]$/, 'expected one of 0-9, * and #') })
const Mode = z.strictObject({ mode: z.enum(['manual', 'answer', 'busy', 'silent', 'down']) })

/** Adds one POST per action; the list stands in the README. */
export function routeActions(app: FastifyInstance, building: Building): void {
  const act = <Body>(path: string, schema: z.ZodType<Body>, run: (id: string, body: Body) => Done): void => {
    app.post<{ Params: { id?: string } }>(path, async (request, reply) => {
      const body = schema.safeParse(request.body)
      if (!body.success) {
        const expected = body.error.issues
          .map(issue => `${issue.path.join('.') || 'body'}: ${issue.message}`)
          .join('; ')
        const came = (JSON.stringify(request.body) ?? 'nothing').slice(0, 200)
        return refuse(reply, 400, { error: 'malformed', expected, came })
      }
      await run(request.params.id ?? '', body.data)
      return reply.code(204).send()
    })
  }
  act('/api/pendants/:id/cord', Cord, (id, { isParted }) =>
    isParted ? building.pull(id) : building.replaceCord(id),
  )
  act('/api/pendants/:id/press', Press, (id, { heldMs }) => building.press(id, heldMs))
  act('/api/pendants/:id/button', Button, (id, { isDown }) => building.button(id, isDown))
  act('/api/pendants/:id/gesture', Gesture, (id, { gesture }) => building.gesture(id, gesture))
  act('/api/pendants/:id/move', Move, (id, { room }) => building.move(id, room))
  act('/api/receivers/:id', Up, (id, { isUp }) => building.setReceiver(id, isUp))
  act('/api/phone/answer', Which, (_, { call }) => building.phone.answer(call))
  act('/api/phone/hang-up', Which, (_, { call }) => building.phone.hangUp(call))
  act('/api/phone/press', Key, (_, { key }) => building.phone.press(key))
  act('/api/phone/mode', Mode, (_, { mode }) => building.phone.setMode(mode))
}
