// The desk page in a real browser, against the real console with a scripted desk behind it: begun anew for each test of the file
// that asks for it, and closed after it with nothing to complain of.
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Browser, Locator, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, expect } from 'vitest'
import { type Console, startConsole } from '../../../gateway/console/server.ts'
import { type ScriptedDesk, scriptDesk } from '../../gateway/console/scripted-desk.ts'
import { launchChromium, openPage, untouched } from './chromium.ts'

const UI_DIR = fileURLToPath(new URL('../../../dist/ui/desk', import.meta.url))

export type DeskPage = {
  page: Page
  desk: ScriptedDesk
  console: Console
  /** What the browser complained of: a test that means it empties this. */
  complaints: string[]
  /** The console once more, at the port that it had. */
  restart(port: number): Promise<void>
  incident(id: string): Locator
  bodyIs(what: string): Promise<void>
  sayName(name?: string): Promise<void>
}

/** Its fields are there within a test. */
export function deskPage(): DeskPage {
  let browser: Browser | undefined
  const start = (desk: ScriptedDesk, port = 0): Promise<Console> =>
    startConsole({
      host: '127.0.0.1',
      port,
      desk,
      renderMetrics: async () => '',
      uiDir: UI_DIR,
      log: { info() {}, warn() {}, error() {} },
    })
  const at = {
    complaints: [] as string[],
    restart: async port => {
      at.console = await start(at.desk, port)
    },
    incident: id => at.page.locator(`[data-testid=incident][data-incident=${id}]`),
    bodyIs: what => at.page.locator(`body${what}`).waitFor(),
    sayName: async (name = 'Sam Reed') => {
      await at.page.getByTestId('operator-name').fill(name)
      await at.page.getByTestId('operator-save').click()
    },
  } as DeskPage
  beforeAll(async () => {
    if (!existsSync(UI_DIR))
      throw new Error(`expected the built desk page in ${UI_DIR} (npm run build); came none`)
    browser = await launchChromium()
  })
  afterAll(() => browser?.close())
  beforeEach(async () => {
    if (browser === undefined) throw new Error('expected a browser')
    at.desk = scriptDesk()
    at.console = await start(at.desk)
    at.complaints = []
    at.page = await openPage(browser, at.console.url, at.complaints)
    await untouched(at.page, 'body[data-connection=live]')
  })
  afterEach(async () => {
    await at.page.close()
    await at.console.close()
    expect(at.complaints).toEqual([])
  })
  return at
}
