/* uri.h: paths and query strings (RFC 3986). */
#ifndef CARTOLINA_URI_H
#define CARTOLINA_URI_H

#include "arena.h"

/* Decodes %XX once.  -1 for a malformed escape, a NUL, or a result that is
 * not UTF-8 (so overlong forms are refused).  `plus` reads "+" as a space. */
int uri_decode(struct arena *arena, struct str text, bool plus, struct str *out)
	__attribute__((warn_unused_result));

/* Normalises a decoded path as nginx does: merges slashes, resolves "." and
 * ".." segments, keeps a slash at the end.  *changed says whether that made a
 * difference.  -1 when the path is empty or does not begin with "/", climbs
 * above the root, or holds a control character (U+0080-9F too), a backslash or
 * malformed UTF-8. */
int uri_normalise(struct arena *arena, struct str path, struct str *out, bool *changed)
	__attribute__((warn_unused_result));

struct uri_pair {
	struct str name;  /* as sent */
	struct str value; /* as sent; empty without "=" */
};
/* Takes the next name=value off *query ("&" separates; empty pairs are
 * passed over); false at the end. */
bool uri_pair_next(struct str *query, struct uri_pair *pair);

/* An absolute http(s) URL split: its path part ("" for none).  -1 when it is
 * not one, or has user information, a query or a fragment.  Only the ASCII of
 * RFC 3986 passes; both slices borrow from url. */
int uri_split_base(struct str url, struct str *origin, struct str *path)
	__attribute__((warn_unused_result));

/* Resolves a reference against an absolute base URL (RFC 3986 §5.2). */
struct str uri_resolve(struct arena *arena, struct str base, struct str reference);
/* True for "https://x", "mailto:x": a reference with a scheme. */
bool uri_has_scheme(struct str reference);

#endif
