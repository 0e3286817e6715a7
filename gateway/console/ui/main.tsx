// Puts the desk on the page.
import { App } from './app.tsx'
import { mount } from './mount.ts'
import './desk.css'

mount(<App />, 'desk')
