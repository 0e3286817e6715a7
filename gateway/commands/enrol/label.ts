// A pendant's label: its id, who wears it, and a QR code of the two things that tell it from another. For the terminal
// and, to be printed, as SVG. The key is never on it: a label is read by anyone.
import { create, toString as drawn } from 'qrcode'

export type Labelled = { id: string; address: string | null }

/** What the code says: "tocsin:p-08" or, where the address is known, "tocsin:p-08?address=c7f936ddb0ca". */
export const codeText = ({ id, address }: Labelled): string =>
  `tocsin:${id}${address === null ? '' : `?address=${address.replaceAll(':', '')}`}`

/** Half-block characters, some 17 lines. */
export const codeForTerminal = (labelled: Labelled): Promise<string> =>
  drawn(codeText(labelled), { type: 'utf8', errorCorrectionLevel: 'M' })

/** Millimetres; a label that fits on the back of a Puck.js, 36 mm across. */
const LABEL = { width: 30, height: 16, code: 14, margin: 1 }

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;')

/** One path of the dark modules, each a unit square. */
const modulesPath = (labelled: Labelled): { path: string; size: number } => {
  const { modules } = create(codeText(labelled), { errorCorrectionLevel: 'M' })
  const { size } = modules
  const dark = Array.from({ length: size * size }, (_, i) => i).filter(i => modules.data[i])
  return { path: dark.map(i => `M${i % size} ${Math.floor(i / size)}h1v1h-1z`).join(''), size }
}

/** The label as an SVG of its true size. */
export const labelSvg = (labelled: Labelled): string => {
  const { path, size } = modulesPath(labelled)
  const { width, height, code, margin } = LABEL
  const text = (y: number, fontMm: number, words: string): string =>
    `<text x="${margin * 2 + code}" y="${y}" font-size="${fontMm}">${escaped(words)}</text>`
  const address = labelled.address ?? ''
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}mm" height="${height}mm" viewBox="0 0 ${width} ${height}">`,
    `<title>${escaped(`Pendant ${labelled.id}`)}</title>`,
    `<rect width="${width}" height="${height}" fill="#fff"/>`,
    `<path transform="translate(${margin} ${margin}) scale(${code / size})" d="${path}" shape-rendering="crispEdges"/>`,
    `<g font-family="sans-serif" fill="#000">`,
    text(6, 4, labelled.id),
    text(10.5, 1.9, address.slice(0, 8)),
    text(13, 1.9, address.slice(9)),
    '</g>',
    '</svg>',
    '',
  ].join('\n')
}
