// Before any test: dist/ is what the sources that stand here now make, because processes that tests start are the built ones.
import { build } from '../simulator/build.mjs'

export const setup = () => build({ isPacked: false })
