// Puts the walk test on its page. A page that breaks must say so: the walker would walk on for nothing.
import { render } from 'preact'
import { WalkPage } from './page.tsx'
import '../desk.css'
import './walk.css'

function admit(reason: unknown): void {
  const failed = document.getElementById('failed')
  if (failed === null) return
  failed.hidden = false
  const details = failed.querySelector('pre')
  if (details !== null) details.textContent = String(reason)
}

addEventListener('error', event => admit(event.error ?? event.message))
addEventListener('unhandledrejection', event => admit(event.reason))

const place = document.getElementById('walk')
if (place === null) throw new Error('expected an element with the id "walk" in walk.html; came none')
render(<WalkPage />, place)
