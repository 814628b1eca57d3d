/* markdown_repair.h: discount's HTML of a prepared text -> the HTML we promise. */
#ifndef CARTOLINA_MARKDOWN_REPAIR_H
#define CARTOLINA_MARKDOWN_REPAIR_H

#include "markdown_slot.h"

/* Appends to out. */
void markdown_repair(struct str html, const struct markdown_slots *slots, struct buf *out);

#endif
