/* view_text.h: answers without HTML. */
#ifndef CARTOLINA_VIEW_TEXT_H
#define CARTOLINA_VIEW_TEXT_H

#include "view.h"

/* The visible text. */
struct str view_text_post(const struct view *v);
struct str view_text_list(const struct view *v);
/* The Markdown as the author wrote it. */
struct str view_text_source(const struct view *v);
struct str view_text_source_list(const struct view *v);

#endif
