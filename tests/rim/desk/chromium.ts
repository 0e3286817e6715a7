// A real browser for the tests: Debian's chromium where it is installed, headless, with sound going to nowhere.
import { existsSync } from 'node:fs'
import { type Browser, chromium, type Page } from 'playwright-core'
import { PATIENCE } from '../../patience.ts'

/** Where distributions put it; TOCSIN_CHROMIUM names another. */
const PLACES = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/snap/bin/chromium',
]

const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  // A page may be silent until it is clicked, as in the browser at the desk.
  '--autoplay-policy=document-user-activation-required',
]

/** Starts the browser. Throws where none is installed, saying what to install. The caller closes it. */
export async function launchChromium(): Promise<Browser> {
  const executablePath = [process.env.TOCSIN_CHROMIUM, ...PLACES].find(
    place => place !== undefined && existsSync(place),
  )
  if (executablePath === undefined) {
    throw new Error(
      `expected chromium in one of ${PLACES.join(', ')} or in TOCSIN_CHROMIUM (apt install chromium); came none`,
    )
  }
  return chromium.launch({ executablePath, headless: true, args: FLAGS })
}

/** A page of a desk's size at this address. What it throws or may not load is added to `complaints`. */
export async function openPage(browser: Browser, url: string, complaints: string[] = []): Promise<Page> {
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 } })
  page.setDefaultTimeout(PATIENCE.timeout)
  page.on('pageerror', error => complaints.push(error.message))
  page.on('console', message => {
    if (/Content Security Policy|Uncaught/.test(message.text())) complaints.push(message.text())
  })
  await page.goto(url)
  return page
}

/**
 * Resolves when an element matches `selector`. Unlike everything of playwright's own, this does not count as a click,
 * so that a page can be watched as it is before anybody touched it.
 */
export async function untouched(page: Page, selector: string): Promise<void> {
  const session = await page.context().newCDPSession(page)
  const expression = `new Promise(found => {
    const look = () => document.querySelector(${JSON.stringify(selector)}) && found(true)
    new MutationObserver(look).observe(document, { subtree: true, childList: true, attributes: true })
    look()
  })`
  await session.send('Runtime.evaluate', { expression, awaitPromise: true, userGesture: false })
  await session.detach()
}
