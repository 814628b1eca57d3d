/* discount.h: a libmarkdown that does what a test wants.
 *
 * markdown_discount.c finds the library by the dlsym() below, which answers
 * mkd_string by the test's discount_string().
 */
#ifndef CARTOLINA_TEST_DISCOUNT_H
#define CARTOLINA_TEST_DISCOUNT_H

#include <dlfcn.h>
#include <mkdio.h>
#include <string.h>

/* To be defined by the test; it ends with the real one. */
static MMIOT *discount_string(const char *text, int n, mkd_flag_t flags);
static __typeof__(mkd_string) *discount_real_string;

/* A name that the library is to lack, or NULL. */
static const char *discount_lacks;

void *dlsym(void *library, const char *name)
{
	static void *(*real)(void *, const char *);

	if (!real)
		*(void **)&real = dlvsym(RTLD_NEXT, "dlsym", "GLIBC_2.34");
	if (discount_lacks && !strcmp(name, discount_lacks))
		return real(library, "mkd_of_another_library");
	if (strcmp(name, "mkd_string"))
		return real(library, name);
	*(void **)&discount_real_string = real(library, name);
	return *(void **)&(__typeof__(mkd_string) *){discount_string};
}

#endif
