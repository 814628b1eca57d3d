/* yamltree.h: a small YAML document as a tree that remembers positions.
 *
 * For front matter, configuration and locale files.  Every scalar is kept as
 * the text that was written: what type it is, the reader of the field decides.
 * Refused, each with its position: tags, a second document, duplicate keys,
 * keys that are no scalars, merge keys (<<), UTF-16, control characters (by
 * escapes too), aliases to anything big, deep or not yet ended, and documents
 * past the limits.  A byte order mark is passed over.
 */
#ifndef CARTOLINA_YAMLTREE_H
#define CARTOLINA_YAMLTREE_H

#include "arena.h"
#include "buf.h"

enum {
	YAMLTREE_DEPTH = 8,     /* nested collections, as the tree has them */
	YAMLTREE_NODES = 2000,  /* keys too; aliases counted as what they stand for */
	YAMLTREE_BYTES = 65536, /* of source; and of texts that come by aliases */
};

enum yaml_kind { YAML_SCALAR, YAML_LIST, YAML_MAP };

struct yaml_node {
	enum yaml_kind kind;
	struct str text;         /* of a scalar; NUL-terminated */
	bool quoted;             /* a scalar written with quotes or as a block */
	unsigned line, column;   /* from 1, in the file; columns count characters */
	struct yaml_node *key;   /* of a map's member */
	struct yaml_node *first; /* members or elements, in order */
	struct yaml_node *next;
	size_t count;            /* nodes in this subtree, itself and keys included */
};

/* Where the text comes from, for messages and positions. */
struct yaml_source {
	const char *path;
	unsigned line; /* number of the text's first line in the file */
};

/* NULL for an empty document as well as for a refused one; the latter appends
 * "path:line:column: error: message [yaml/rule]\n" to err. */
struct yaml_node *yamltree_read(struct arena *arena, struct str text, const struct yaml_source *source,
				struct buf *err);

/* A map's member by its key, or NULL. */
const struct yaml_node *yamltree_get(const struct yaml_node *map, const char *key);

/* True for "", ~ and null written without quotes. */
bool yamltree_is_null(const struct yaml_node *node);
/* That, or nothing but white space, quoted or not: a key without a value. */
bool yamltree_is_blank(const struct yaml_node *node);

#endif
