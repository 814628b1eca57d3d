/* limit.c: memory limits that are relative to what a process has already: who
 * holds an index in its memory has no less room than who does not.
 *
 * What it has is in /proc/self/statm, proc(5).
 */
#include "limit.h"

#include <stdio.h>
#include <sys/resource.h>
#include <unistd.h>

#ifndef __SANITIZE_ADDRESS__
static unsigned long long pages_of(int resource)
{
	unsigned long long size = 0, data = 0;
	FILE *file = fopen("/proc/self/statm", "re");

	if (file && fscanf(file, "%llu %*u %*u %*u %*u %llu", &size, &data) != 2)
		size = data = 0;
	if (file)
		fclose(file);
	return resource == RLIMIT_AS ? size : data;
}
#endif

void limit_growth(int resource, size_t bytes)
{
#ifdef __SANITIZE_ADDRESS__
	(void)resource;
	(void)bytes;
#else
	rlim_t wanted = (rlim_t)pages_of(resource) * (rlim_t)sysconf(_SC_PAGESIZE) + bytes;
	struct rlimit limit;

	if (getrlimit(resource, &limit) == 0 && wanted < limit.rlim_cur) {
		limit.rlim_cur = wanted;
		setrlimit(resource, &limit);
	}
#endif
}
