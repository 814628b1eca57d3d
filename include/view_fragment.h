/* view_fragment.h: HTML for another page. */
#ifndef CARTOLINA_VIEW_FRAGMENT_H
#define CARTOLINA_VIEW_FRAGMENT_H

#include "view.h"

struct str view_fragment_post(const struct view *v);
struct str view_fragment_list(const struct view *v);

#endif
