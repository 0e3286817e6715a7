// Puts the building on the page.
import { render } from 'preact'
import { App } from './app.tsx'
import './building.css'

const place = document.getElementById('building')
if (place === null) throw new Error('expected an element with the id "building" in index.html; came none')
render(<App />, place)
