/* shortcode_tag.h: one Hugo shortcode tag as it is written in Markdown.
 *
 *	{{< name value key="value" >}}   {{% name %}}   {{< name />}}   {{< /name >}}
 *
 * Values are "quoted" on one line (with \" inside), `raw`, or bare words.
 */
#ifndef CARTOLINA_SHORTCODE_TAG_H
#define CARTOLINA_SHORTCODE_TAG_H

#include "arena.h"

enum shortcode_kind {
	SHORTCODE_OPEN,
	SHORTCODE_CLOSE,
	SHORTCODE_SELF_CLOSED,
	SHORTCODE_LITERAL, /* its inside is a comment: it only shows itself */
	SHORTCODE_BROKEN,  /* begins like a tag */
};

struct shortcode_tag {
	enum shortcode_kind kind;
	bool markdown;        /* written with %: what it gives is Markdown */
	struct str name;
	struct str arguments; /* as written */
};

/* The tag at the start of s, which begins with "{{<" or "{{%": its length, or 0.
 * *looked is how far it was read, also in vain.  Knows no SHORTCODE_LITERAL;
 * on 0 tag->name is what stands where the name should. */
size_t shortcode_tag_read(struct str s, struct shortcode_tag *tag, size_t *looked);

/* The argument of that name (NULL: none has it), or the one at `position`
 * among those without a name (-1: none).  False where there is neither, and
 * then *value is "". */
bool shortcode_argument(struct arena *arena, const struct shortcode_tag *tag, const char *name,
			int position, struct str *value);

#endif
