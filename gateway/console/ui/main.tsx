// Puts the desk on the page.
import { render } from 'preact'
import { App } from './app.tsx'
import './desk.css'

const place = document.getElementById('desk')
if (place === null) throw new Error('expected an element with the id "desk" in index.html; came none')
render(<App />, place)
