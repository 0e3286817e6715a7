// What a file that is no sound YAML has instead, as whoever writes one by hand would call it. Pure: the parser's codes come in.
import type { YAMLError } from 'yaml'

const WORDS: Readonly<Partial<Record<YAMLError['code'], string>>> = {
  BAD_ALIAS: 'a text that begins with * and needs quotes',
  BAD_DQ_ESCAPE: 'a backslash that means nothing in double quotes: use single ones',
  BAD_INDENT: 'a line that is indented otherwise than those beside it: look at the line above it too',
  BAD_SCALAR_START: 'a text that begins with a character that needs quotes',
  BLOCK_AS_IMPLICIT_KEY: 'two fields on one line, or a text with a colon that needs quotes',
  BLOCK_IN_FLOW: 'a list of lines within { } or [ ]',
  DUPLICATE_KEY: 'one that stands there twice',
  MISSING_CHAR: 'no comma, colon or bracket where one belongs',
  MULTILINE_IMPLICIT_KEY: 'a field without its colon, or a text over several lines that needs quotes',
  MULTIPLE_DOCS: 'a second document after "---"',
  TAB_AS_INDENT: 'a tab at the beginning of a line: indent with spaces',
  UNEXPECTED_TOKEN: 'something that does not belong there: look at the quotes, brackets and colons before it',
}

/** The parser's own words where there are none of ours. */
export function yamlWords({ code, message }: Pick<YAMLError, 'code' | 'message'>): string {
  if (/^Flow (map|sequence) .* end with/.test(message)) {
    const [open, close] = message.includes('map') ? ['{', '}'] : ['[', ']']
    return `no ${close} for a ${open} on a line before`
  }
  if (/^Missing closing .quote/.test(message)) return 'no closing quote for one on a line before'
  // A list whose lines do not begin in one column is taken for a field, which it may not be.
  if (/^A block/.test(message)) return WORDS.BAD_INDENT ?? message
  return WORDS[code] ?? message
}
