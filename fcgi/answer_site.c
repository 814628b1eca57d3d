/* answer_site.c: what is about the site as a whole, or about several posts. */
#include "answer.h"

enum step answer_health(struct answer *a) { (void)a; return STEP_NOT_FOUND; }
enum step answer_sitemap(struct answer *a) { (void)a; return STEP_NOT_FOUND; }
enum step answer_robots(struct answer *a) { (void)a; return STEP_NOT_FOUND; }
enum step answer_batch(struct answer *a) { (void)a; return STEP_NOT_FOUND; }
enum step answer_oembed(struct answer *a) { (void)a; return STEP_NOT_FOUND; }
