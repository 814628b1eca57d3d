/* view_json.h: answers for programs.  Texts live in the view's arena; p is NULL
 * when memory ran out. */
#ifndef CARTOLINA_VIEW_JSON_H
#define CARTOLINA_VIEW_JSON_H

#include "view.h"

struct str view_json_post(const struct view *v);
struct str view_json_list(const struct view *v);
/* Items in the order of the request, each with a status of its own. */
struct str view_json_batch(const struct view *v);
/* A problem document (RFC 9457). */
struct str view_json_error(const struct view *v);

/* Every member that `fields` names is one that items have. */
bool view_json_knows_fields(struct str fields);

#endif
