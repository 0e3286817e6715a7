// Puts the walk test on its page.
import { mount } from '../mount.ts'
import { WalkPage } from './page.tsx'
import '../desk.css'
import './walk.css'

mount(<WalkPage />, 'walk')
