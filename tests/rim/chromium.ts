// A real browser for the tests: Debian's chromium where it is installed, headless, with sound going to nowhere.
import { existsSync } from 'node:fs'
import { type Browser, chromium } from 'playwright-core'

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
