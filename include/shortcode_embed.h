/* shortcode_embed.h: the shortcodes that show something from another site. */
#ifndef CARTOLINA_SHORTCODE_EMBED_H
#define CARTOLINA_SHORTCODE_EMBED_H

#include "shortcode_call.h"

void shortcode_embed_youtube(const struct shortcode_call *call, struct shortcode_result *result);
void shortcode_embed_vimeo(const struct shortcode_call *call, struct shortcode_result *result);
void shortcode_embed_gist(const struct shortcode_call *call, struct shortcode_result *result);
void shortcode_embed_x(const struct shortcode_call *call, struct shortcode_result *result);
void shortcode_embed_instagram(const struct shortcode_call *call, struct shortcode_result *result);

#endif
