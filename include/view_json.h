/* view_json.h: answers for programs. */
#ifndef CARTOLINA_VIEW_JSON_H
#define CARTOLINA_VIEW_JSON_H

#include "view.h"

struct str view_json_post(const struct view *v);
struct str view_json_list(const struct view *v);
/* A problem document (RFC 9457). */
/* Every member that `fields` names is one that items have. */
bool view_json_knows_fields(struct str fields);
struct str view_json_batch(const struct view *v);
struct str view_json_error(const struct view *v);

#endif
