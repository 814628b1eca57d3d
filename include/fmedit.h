/* fmedit.h: front matter as its author wrote it, for changing a line of it.
 *
 * A file's text is taken apart into slices of its own bytes: what is copied or
 * left alone keeps its quoting, its comments, its order and its line ends.
 * Reads every form that frontmatter.h reads.
 */
#ifndef CARTOLINA_FMEDIT_H
#define CARTOLINA_FMEDIT_H

#include "arena.h"
#include "buf.h"
#include "frontmatter.h"

struct yaml_node;

/* One key at the top level.  In a block each slice is whole lines; between
 * braces `text` is `key: value` without its comma, and `before` is empty. */
struct fmedit_member {
	struct str before; /* comments and blank lines above it */
	struct str text;   /* the key and all of its value */
	const struct yaml_node *value;
};

struct fmedit {
	const char *path;      /* for messages */
	struct str raw;        /* the whole file */
	struct str text;       /* the same with "\n" at every line's end, as the parsers read it */
	struct frontmatter fm; /* what it says; slices of `text` */
	bool braces;           /* {…} instead of lines; JSON too */
	struct str mark;       /* the byte order mark, or "" */
	struct str indent;     /* in front of every key of a block */
	struct str after;      /* comments and blank lines below the last member of a block */
	struct str body;       /* behind the front matter */
	const char *eol;       /* how the file's first line ends */
	struct fmedit_member *members;
	size_t count;
	/* In `text`: what stands between the fences. */
	struct str block;
	const struct yaml_node *root;
};

/* raw is to outlive `out`.  The caller has set value_pool().  -1 with lines
 * "path:line:column: error: message [rule]\n" in err, those of frontmatter.h
 * and post/encoding. */
int fmedit_open(struct arena *arena, const char *path, struct str raw, struct fmedit *out,
		struct buf *err) __attribute__((warn_unused_result));

/* In any case, as frontmatter.h reads keys. */
bool fmedit_is(const struct fmedit_member *member, const char *key);

/* Appends the whole file to `out` with `key` set to a word that needs no quotes:
 * where the key is there its value is replaced, else a line is added at the
 * end (with front matter around it, if there is none).  -1 with a message when
 * that cannot be done without touching more. */
int fmedit_set(struct arena *arena, const struct fmedit *file, const char *key, const char *word,
	       struct buf *out, struct buf *err) __attribute__((warn_unused_result));

/* Whether two files have the same body, and every member of the first but
 * those named (NULL-terminated) means the same in the second. */
bool fmedit_agree(const struct fmedit *a, const struct fmedit *b, const char *const *except);

#endif
