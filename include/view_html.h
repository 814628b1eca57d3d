/* view_html.h: pages, by the theme. */
#ifndef CARTOLINA_VIEW_HTML_H
#define CARTOLINA_VIEW_HTML_H

#include "view.h"

/* The whole page; p == NULL, with a message in err, when the theme fails. */
struct str view_html_post(const struct view *v, struct buf *err);
struct str view_html_list(const struct view *v, struct buf *err);
struct str view_html_error(const struct view *v, struct buf *err);

#endif
