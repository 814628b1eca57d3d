/* markdown_link.h: link targets and the definitions that references mean
 * (CommonMark 0.31 §4.7, §6.3). */
#ifndef CARTOLINA_MARKDOWN_LINK_H
#define CARTOLINA_MARKDOWN_LINK_H

#include "arena.h"
#include "buf.h"

struct markdown_target {
	struct str url;   /* as written, escapes not resolved */
	struct str title; /* likewise */
};

/* Length of "(url "title")" at the start of s, or 0. */
size_t markdown_link_inline(struct str s, struct markdown_target *target);
/* Length of "[label]" at the start of s, or 0; the label without its brackets. */
size_t markdown_link_label(struct str s, struct str *label);
/* Length of the definition at the start of a paragraph, its line end counted, or 0. */
size_t markdown_link_definition(struct str s, struct str *label, struct markdown_target *target);

/* Appends what goes between the quotes of href="" or src=""; of a URL that is
 * not allowed, nothing. */
void markdown_link_write(const struct markdown_target *target, bool image, struct buf *out);

/* A bare URL for an attribute: percent-encoded where it must be. */
void markdown_link_url(struct str url, struct buf *out);
/* Text with backslash escapes for an attribute. */
void markdown_link_title(struct str title, struct buf *out);

/* Definitions by label.  Add all, sort once, then find; the first of equal
 * labels counts. */
struct markdown_references {
	struct arena *arena;
	struct markdown_reference *v;
	size_t n, capacity;
	struct buf key; /* scratch */
};

struct markdown_reference {
	struct str label;
	size_t order;
	struct markdown_target target;
};

void markdown_references_init(struct markdown_references *references, struct arena *arena);
void markdown_references_release(struct markdown_references *references);
void markdown_references_add(struct markdown_references *references, struct str label,
			     struct markdown_target target);
void markdown_references_sort(struct markdown_references *references);
const struct markdown_reference *markdown_references_find(struct markdown_references *references,
							   struct str label);

#endif
