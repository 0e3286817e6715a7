// A console on a free port with a scripted desk behind it, and a page of one line in place of the built one.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Console, type ConsoleOptions, startConsole } from '../../../gateway/console/server.ts'
import { type ScriptedDesk, scriptDesk } from './scripted-desk.ts'

export type Said = { level: 'info' | 'warn' | 'error'; text: string }
export type Running = Console & { desk: ScriptedDesk; said: Said[]; uiDir: string }

export async function runConsole(options: Partial<ConsoleOptions> = {}): Promise<Running> {
  const uiDir = mkdtempSync(join(tmpdir(), 'tocsin-ui-'))
  writeFileSync(join(uiDir, 'index.html'), '<!doctype html><title>desk</title>')
  const desk = scriptDesk()
  const said: Said[] = []
  const say = (level: Said['level']) => (_fields: object, text: string) => {
    said.push({ level, text })
  }
  const started = await startConsole({
    host: '127.0.0.1',
    port: 0,
    desk,
    renderMetrics: async () => 'tocsin_up 1\n',
    uiDir,
    log: { info: say('info'), warn: say('warn'), error: say('error') },
    ...options,
  })
  return {
    url: started.url,
    desk,
    said,
    uiDir,
    close: async () => {
      await started.close()
      rmSync(uiDir, { recursive: true })
    },
  }
}
