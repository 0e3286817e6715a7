// Builds the desk page and the walk test's into dist/ui/desk. Nothing is inlined, because the page's own rules (CSP) allow only files.
import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vite'

export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  build: {
    outDir: fileURLToPath(new URL('../../../dist/ui/desk', import.meta.url)),
    emptyOutDir: true,
    assetsInlineLimit: 0,
    modulePreload: false,
    rolldownOptions: {
      input: ['index.html', 'walk.html'].map(page => fileURLToPath(new URL(page, import.meta.url))),
    },
  },
})
