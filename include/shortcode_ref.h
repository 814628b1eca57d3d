/* shortcode_ref.h: the post that a ref or relref means. */
#ifndef CARTOLINA_SHORTCODE_REF_H
#define CARTOLINA_SHORTCODE_REF_H

#include "reference.h"

/* to: a file's path or name as in Hugo, "other.md", "/posts/other", "../x", with
 * or without extension and "#fragment".  lang: the language asked for, or "".
 *
 * *url gets the post's address from the server's root, percent-encoded, as its
 * file's name gives it: a slug, url or permalink in its front matter is not
 * looked at.  An address of another kind is returned as it is.  False, and then
 * *url is `to`, when there is no such file. */
bool shortcode_ref(struct arena *arena, const struct reference_place *place,
		   const char *default_lang, struct str to, struct str lang, struct str *url);

#endif
