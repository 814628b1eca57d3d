/* postpack.h: a post as one run of bytes, and back. */
#ifndef CARTOLINA_POSTPACK_H
#define CARTOLINA_POSTPACK_H

#include "post.h"

void postpack_head(const struct post_head *head, struct buf *out);
void postpack_body(const struct post_body *body, struct buf *out);
/* Slices borrow from `packed`.  -1 when it is damaged. */
int postpack_read_head(struct str packed, struct post_head *head) __attribute__((warn_unused_result));
int postpack_read_body(struct str packed, struct post_body *body) __attribute__((warn_unused_result));

#endif
