/* typographer.h: quotes, apostrophes, dashes and ellipses by the language.
 *
 * Works on text between tags only: never inside code, pre, kbd, script, style,
 * textarea, svg, math; never in attributes; never in what looks like a URL, a
 * path or a file name.  Nothing but ' " -- --- ... is ever changed, so
 * 501(c)(3), 1/2 and (R) stay as they are; &quot; and &#39; count as the
 * characters that they are.
 *
 *   "x"    the language's marks for a quotation, 'x' those for an inner one;
 *          French ones with a no-break space inside
 *   '      ’ where it is no quote: l'apertura, rock 'n' roll, '90s, merchants'
 *   5" 6'  stay straight after a digit, unless they close a quotation
 *   -- --- – and —, but an option (--verbose) and an arrow (-->) stay
 *   ...    …
 *
 * A quotation may cross tags ("<em>a</em>") but not the border of a block;
 * a quote whose side nobody can tell becomes a closing one or an apostrophe.
 */
#ifndef CARTOLINA_TYPOGRAPHER_H
#define CARTOLINA_TYPOGRAPHER_H

#include "buf.h"

/* lang: a BCP 47 tag, NUL-terminated; its primary subtag (and, where quotes
 * differ, its region or script: de-CH, pt-PT, zh-Hant) picks the marks.  An
 * unknown language gets English ones. */
void typographer_apply(struct str html, const char *lang, struct buf *out);

/* The same for one line of plain text, such as a title. */
void typographer_text(struct str text, const char *lang, struct buf *out);

#endif
