/* view_json.h: answers for programs. */
#ifndef CARTOLINA_VIEW_JSON_H
#define CARTOLINA_VIEW_JSON_H

#include "view.h"

struct str view_json_post(const struct view *v);
struct str view_json_list(const struct view *v);
/* A problem document (RFC 9457). */
struct str view_json_error(const struct view *v);

#endif
