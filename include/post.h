/* post.h: one source file as the index keeps it and the views read it.
 *
 * A post has a head (light: all that a list, a language switcher or a <head>
 * needs) and a body (the article).  Both are packed as one run of bytes each,
 * with a checksum: that is what the rendering child sends to the indexer, and
 * what the index stores.
 *
 * Texts are UTF-8 slices; those marked JSON hold one JSON value.  Times are
 * seconds since the epoch, UTC, or TIME_ABSENT.
 */
#ifndef CARTOLINA_POST_H
#define CARTOLINA_POST_H

#include "arena.h"
#include "buf.h"
#include "config.h"
#include "frontmatter.h"

#include <stdint.h>

enum post_kind { POST_ARTICLE, POST_SECTION };

enum excerpt_source { EXCERPT_DIVIDER, EXCERPT_SUMMARY, EXCERPT_AUTO, EXCERPT_FULL };

/* What a post may take from its default-language sibling (bits of `inherits`). */
enum { INHERIT_DATE = 1, INHERIT_IMAGES = 2, INHERIT_TAGS = 4 };

/* clang-format off */
#define POST_HEAD_TEXTS(X)                                                          \
	X(file)          /* relative to the content folder: "posts/x.it.md" */      \
	X(group)         /* what translations share: "posts/x" */                   \
	X(lang)          /* a configured tag */                                     \
	X(path)          /* canonical, below the mount, decoded: "/posts/x" */      \
	X(path_dated)    /* by its permalink pattern, which waits for a date; or "" */ \
	X(path_undated)  /* path as long as there is none */                        \
	X(section)       /* folder: "posts/a", or "" */                                \
	X(title)         /* plain text */                                           \
	X(description)   /* plain text, at most 200 characters */                   \
	X(aliases)       /* JSON array of paths */                                  \
	X(tags)          /* JSON array, as are the next three */                    \
	X(categories)                                                               \
	X(authors)                                                                  \
	X(images)        /* addresses, absolute or from the root of the server */   \
	X(twitter_image) /* such an address, or "" */                               \
	X(series)                                                                   \
	X(layout)                                                                   \
	X(robots)                                                                   \
	X(more_text)     /* the author's own text for the link to the rest, or "" */\
	X(params)        /* JSON object */                                          \
	X(source_hash)   /* of its own text, by staleness.h */                      \
	X(translated_from) /* that of the text it is a translation of, or "" */

#define POST_HEAD_NUMBERS(X)                                                        \
	X(kind)          /* enum post_kind */                                       \
	X(date)                                                                     \
	X(lastmod)                                                                  \
	X(publish)                                                                  \
	X(expiry)                                                                   \
	X(mtime)         /* of the file */                                          \
	X(draft)         /* 0 or 1 */                                               \
	X(use_excerpt)   /* enum tristate */                                        \
	X(twitter_large) /* 0 or 1 */                                               \
	X(weight)                                                                   \
	X(image_width)   /* of the picture that stands for it: CSS pixels, 0: not known */ \
	X(image_height)                                                             \
	X(excerpt_source) /* enum excerpt_source */                                 \
	X(truncated)     /* 1: something that can be seen follows the excerpt */    \
	X(words)                                                                    \
	X(minutes)       /* reading time */                                         \
	X(inherits)      /* INHERIT_… */

#define POST_BODY_TEXTS(X)                                                          \
	X(html)          /* the whole article */                                    \
	X(owed)          /* end tags that its first `cut` bytes owe */              \
	X(reopened)      /* start tags that the bytes after `cut` need */           \
	X(unclosed)      /* end tags that its first `finished` bytes owe */         \
	X(summary_html)  /* the excerpt when it is the author's own summary */      \
	X(summary)       /* that summary as written */                              \
	X(source)        /* Markdown, without front matter */                       \
	X(outline)       /* JSON array: {level, id, text} */

#define POST_BODY_NUMBERS(X)                                                        \
	X(cut)           /* bytes of html in the excerpt */                         \
	X(finished)      /* bytes of html before a tag or comment that its end cuts off */ \
	X(source_cut)    /* bytes of source in the excerpt */
/* clang-format on */

#define POST_TEXT_MEMBER(name) struct str name;
#define POST_NUMBER_MEMBER(name) int64_t name;

struct post_head {
	int64_t id; /* in the index; not packed */
	POST_HEAD_TEXTS(POST_TEXT_MEMBER)
	POST_HEAD_NUMBERS(POST_NUMBER_MEMBER)
};

struct post_body {
	POST_BODY_TEXTS(POST_TEXT_MEMBER)
	POST_BODY_NUMBERS(POST_NUMBER_MEMBER)
};

struct post {
	struct post_head head;
	struct post_body body;
	struct str text; /* the article's plain text, for the search; not packed */
	/* The files that its HTML depends on, and how they were (reference.h); not packed. */
	struct str asked;
	uint64_t asked_state;
	/* For check.h; not packed. */
	enum markdown_engine engine;
	unsigned body_line; /* of the body's first line in the file */
};

/* What the name of a file says, before its front matter is known. */
struct post_name {
	struct str lang;    /* by suffix or first folder, as configured; "" for neither */
	struct str folder;  /* without the language's: "posts", "" at the top */
	struct str stem;    /* without date, language and extension: "x"; "" for index and _index */
	struct str base;    /* the stem with its date: "2020-04-28-x" */
	struct str group;   /* "posts/x" */
	int64_t date;       /* from "2020-04-28-x", or TIME_ABSENT */
	enum post_kind kind;
};

/* When a post appears, TIME_ABSENT for ever before, and when it is gone,
 * INT64_MAX for never. */
int64_t post_start(const struct post_head *head);
int64_t post_stop(const struct post_head *head);

/* The name of a file or folder, as a title: "my-trip" is "My trip". */
struct str post_readable_name(struct arena *arena, struct str name);

/* True for names that are posts: *.md and *.markdown, not hidden. */
bool post_is_source(struct str file_name);

void post_parse_name(struct arena *arena, const struct config *config, struct str file,
		     struct post_name *out);

/* "\r\n" and "\r" as "\n": the text as all that follows reads it. */
struct str post_plain_lines(struct arena *arena, struct str text);

/* How messages name a source file: as one would type it in the working folder. */
const char *post_shown_path(struct arena *arena, const struct config *config, struct str file);

/* Source text -> post.  `file` is relative to the content folder.  -1 after
 * appending lines "path:line:column: error: message [rule]\n" to problems;
 * warnings may be appended on success too.  To be called in a rendering child
 * (renderer.h): Markdown libraries crash and hang on hostile texts. */
int post_read(struct arena *arena, const struct config *config, struct str file, struct str text,
	      int64_t mtime, struct post *out, struct buf *problems) __attribute__((warn_unused_result));

#endif
