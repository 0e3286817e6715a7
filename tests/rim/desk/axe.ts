// What axe finds on a page: all of its rules, those of best practice too.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { Page } from 'playwright-core'

type Found = {
  violations: { id: string; impact: string; nodes: { html: string; failureSummary: string }[] }[]
}

/** One line for each element that breaks a rule. Moving colours are held still, so that contrast is of one moment. */
export async function axeComplaints(page: Page, rules: object = {}): Promise<string[]> {
  const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
  await page.emulateMedia({ reducedMotion: 'reduce' })
  await page.evaluate(axe)
  const { violations } = await page.evaluate<Found>(
    `axe.run(document, ${JSON.stringify({ resultTypes: ['violations'], rules })})`,
  )
  return violations.flatMap(({ id, impact, nodes }) =>
    nodes.map(({ html, failureSummary }) => `${id} (${impact}): ${html.slice(0, 160)} ${failureSummary}`),
  )
}
