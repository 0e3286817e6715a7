// Puts one of the desk's pages into its element. A page that breaks must say so: a frozen desk looks like a quiet one, and
// a walker would walk on for nothing.
import { type ComponentChild, render } from 'preact'

/** `id` names the element that the page goes into; `failed` in the same document is shown where anything goes wrong. */
export function mount(page: ComponentChild, id: string): void {
  addEventListener('error', event => admit(event.error ?? event.message))
  addEventListener('unhandledrejection', event => admit(event.reason))
  const place = document.getElementById(id)
  if (place === null) throw new Error(`expected an element with the id "${id}" in the page; came none`)
  render(page, place)
}

function admit(reason: unknown): void {
  const failed = document.getElementById('failed')
  if (failed === null) return
  failed.hidden = false
  const details = failed.querySelector('pre')
  if (details !== null) details.textContent = String(reason)
}
