/* puts.c: the least that a CGI program can be: the floor for the time of one process. */
#include <stdio.h>

int main(void)
{
	return puts("Content-Type: text/plain\n\nHello") < 0;
}
