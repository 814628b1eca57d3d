/* resource.c: looks a name up in the list that the build makes.
 *
 * build/resources.inc has a line RESOURCE(number, "name", "path") for each file;
 * the assembler takes the bytes in, so that no generated C has to be compiled.
 */
#include "resource.h"

#include <stdint.h>

#define RESOURCE(number, name, path)                                                    \
	__asm__(".pushsection .rodata\n"                                                \
		".hidden resource_" #number "_start\n.hidden resource_" #number "_end\n" \
		".globl resource_" #number "_start\nresource_" #number "_start:\n"      \
		".incbin \"" path "\"\n"                                                \
		".globl resource_" #number "_end\nresource_" #number "_end:\n"          \
		".byte 0\n.popsection\n");                                              \
	extern const char resource_##number##_start[], resource_##number##_end[];
#include "resources.inc"
#undef RESOURCE

static const struct {
	const char *name, *start, *end;
} RESOURCES[] = {
#define RESOURCE(number, name, path) {name, resource_##number##_start, resource_##number##_end},
#include "resources.inc"
#undef RESOURCE
};
enum { RESOURCE_COUNT = sizeof(RESOURCES) / sizeof(RESOURCES[0]) };

const char *resource_name(size_t i)
{
	return i < RESOURCE_COUNT ? RESOURCES[i].name : NULL;
}

bool resource_find(const char *name, struct str *content)
{
	for (size_t i = 0; i < RESOURCE_COUNT; i++) {
		if (strcmp(RESOURCES[i].name, name) == 0) {
			const char *start = RESOURCES[i].start;
			*content = (struct str){start, (size_t)((uintptr_t)RESOURCES[i].end - (uintptr_t)start)};
			return true;
		}
	}
	return false;
}
