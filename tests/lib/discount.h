/* discount.h: a libmarkdown that does what a test wants.
 *
 * markdown_discount.c asks the function below instead of dlsym() (--wrap, in the
 * Makefile), which answers mkd_string by the test's discount_string().
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

void *__real_dlsym(void *library, const char *name);
void *__wrap_dlsym(void *library, const char *name);

void *__wrap_dlsym(void *library, const char *name)
{
	if (discount_lacks && !strcmp(name, discount_lacks))
		return __real_dlsym(library, "mkd_of_another_library");
	if (strcmp(name, "mkd_string"))
		return __real_dlsym(library, name);
	*(void **)&discount_real_string = __real_dlsym(library, name);
	return *(void **)&(__typeof__(mkd_string) *){discount_string};
}

#endif
