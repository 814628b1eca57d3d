/* escape.h: the one place where text is made safe for another syntax. */
#ifndef CARTOLINA_ESCAPE_H
#define CARTOLINA_ESCAPE_H

#include "buf.h"

/* & < > " as character references: safe in HTML text, in a quoted attribute
 * value, and in XML.  ' becomes &#39;. */
void escape_html(struct buf *out, struct str text);
/* The same for XML 1.0: what that cannot hold at all (control characters,
 * U+FFFE, U+FFFF) is left out, malformed UTF-8 becomes U+FFFD, and a carriage
 * return, which a parser would read as the end of a line, a reference. */
void escape_xml(struct buf *out, struct str text);

/* Percent-encodes everything but RFC 3986 unreserved characters and '/'. */
void escape_path(struct buf *out, struct str path);
/* The same, and '/' too: for one query value. */
void escape_query(struct buf *out, struct str value);

/* One printable line: controls (line separators and marks of direction too),
 * backslashes and malformed UTF-8 as \xHH, at most `limit` bytes of input,
 * "..." after a cut.  For log lines. */
void escape_log(struct buf *out, struct str text, size_t limit);
/* The inside of a JSON string (RFC 8259 §7) on one line, for whoever has no tree of
 * values at hand: the same controls as \u00HH, malformed UTF-8 as U+FFFD, cut likewise. */
void escape_json(struct buf *out, struct str text, size_t limit);

#endif
