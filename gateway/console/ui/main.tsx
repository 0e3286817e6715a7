// Puts the desk on the page. A page that breaks must say so: a frozen desk looks like a quiet one.
import { render } from 'preact'
import { App } from './app.tsx'
import './desk.css'

function admit(reason: unknown): void {
  const failed = document.getElementById('failed')
  if (failed === null) return
  failed.hidden = false
  const details = failed.querySelector('pre')
  if (details !== null) details.textContent = String(reason)
}

addEventListener('error', event => admit(event.error ?? event.message))
addEventListener('unhandledrejection', event => admit(event.reason))

const place = document.getElementById('desk')
if (place === null) throw new Error('expected an element with the id "desk" in index.html; came none')
render(<App />, place)
