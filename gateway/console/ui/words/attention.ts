// The tab itself: how many alarms wait and whether the line is dead come in, a flashing title and icon go out.

export type Attention = {
  /** Said in turn with the site's name; null when all is quiet. */
  sentence: string | null
  icon: 'quiet' | 'alarm' | 'trouble'
  site: string
}

/** Draws the tab; `isOddSecond` flips each second, so that a tab among many is seen to flash. */
export function drawTab({ sentence, icon, site }: Attention, isOddSecond: boolean): void {
  const title = sentence !== null && isOddSecond ? sentence : `${site} · Tocsin desk`
  if (document.title !== title) document.title = title
  const link = document.querySelector<HTMLLinkElement>('link[rel=icon]')
  const href = `/${icon === 'alarm' && isOddSecond ? 'flash' : icon}.svg`
  if (link !== null && link.getAttribute('href') !== href) link.setAttribute('href', href)
}
