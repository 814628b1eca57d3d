/* reserved.c: path -> is it the program's own?
 *
 * The one list, for the write side, which refuses posts there, and for whoever
 * looks for what answers at an address.  Case counts, as in all paths.
 */
#include "reserved.h"

bool reserved_path(struct str path)
{
	static const char *const files[] = {"/feed.atom",   "/feed.rss",   "/feed.json",
					    "/sitemap.xml", "/robots.txt", NULL};

	while (path.n > 1 && path.p[path.n - 1] == '/')
		path.n--;
	for (size_t i = 0; files[i]; i++)
		if (str_is(path, files[i]))
			return true;
	return str_is(path, "/-") || str_starts(path, "/-/");
}
